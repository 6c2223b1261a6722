# Run by bash.
set -e
npx replication-lab --clock manual --port 8092 & server=$!
trap 'kill $server' EXIT
lab=http://localhost:8092
npx replication-lab wait --url $lab --timeout 30s

curl -s --json '{"key":"order:7","value":"paid","w":2}' $lab/write-with-quorum > order.json & order=$!
# The request above may still be on its way: time does not move before it waits.
curl -s --json '{"ms":200,"whenWaiting":1}' $lab/clock/advance > /dev/null
wait $order
grep -q '"acknowledgedBy":\[0,1\]' order.json && echo "the order is paid"
