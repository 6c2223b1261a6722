import fs from 'fs'
const d='/tmp/wt/prof/';const f=fs.readdirSync(d)[0];const p=JSON.parse(fs.readFileSync(d+f));const self=new Map();const dt=p.timeDeltas;const m=new Map(p.nodes.map(n=>[n.id,n]))
p.samples.forEach((s,i)=>{const n=m.get(s);const k=n.callFrame.functionName+' '+n.callFrame.url.split('/').slice(-2).join('/')+':'+n.callFrame.lineNumber;self.set(k,(self.get(k)||0)+dt[i])})
console.log([...self].sort((a,b)=>b[1]-a[1]).slice(0,22).map(([k,v])=>(v/1000).toFixed(0)+' '+k).join('\n'))
