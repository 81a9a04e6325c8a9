Set-Content "$env:SystemRoot\System32\drivers\etc\hosts" '127.0.0.1 localhost'
