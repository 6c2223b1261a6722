import { correctHistory } from './test/bench/verdicts.ts'
import { prepare } from './src/analysis/verdicts/verdict.ts'
import { linearity } from './src/analysis/verdicts/linearizable.ts'
import { orderOf } from './src/analysis/verdicts/order.ts'
import { sessionBreaches } from './src/analysis/verdicts/sessions.ts'
import { causalBreach } from './src/analysis/verdicts/causal.ts'
import { DEFAULT_BUDGET } from './src/analysis/verdicts/decide.ts'
const h = correctHistory({operations:1e6,clients:10,keys:10,values:null,versions:true})
const cpu=(n:string,f:()=>any)=>{const a=process.cpuUsage();const r=f();const b=process.cpuUsage(a);console.log(n,((b.user)/1e3).toFixed(0));return r}
for (let k=0;k<2;k++){
const one=cpu('prepare',()=>prepare(h,{failedCas:'fact',model:'register'}))
const order=cpu('order',()=>orderOf(one))

cpu('sessions',()=>sessionBreaches(one,order,one.byClient))
cpu('causal',()=>causalBreach(one,order,true))
cpu('linear',()=>linearity(one,one,DEFAULT_BUDGET))
}
