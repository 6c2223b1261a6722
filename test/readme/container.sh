docker run -v "$PWD:/lab" -w /lab -p 8080:8080 \
  -e REPLICATION_LAB_HOST=0.0.0.0 -e REPLICATION_LAB_ALLOWED_HOSTS=lab \
  -e REPLICATION_LAB_TOKEN=open-sesame \
  node:22 sh -c 'npm ci && exec node --import tsx src/main.ts'
