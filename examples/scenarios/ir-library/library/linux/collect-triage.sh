#!/bin/sh
# Writes what a first look at a device needs into one archive.
# Usage: collect-triage.sh [CASE]
set -eu

case_id=${1:-triage}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

ps -eo user,pid,ppid,lstart,args > "$folder/processes.txt"
ss -tunap > "$folder/connections.txt"
systemctl list-units --type=service --all > "$folder/services.txt"
crontab -l > "$folder/crontab.txt" 2>&1 || true
cp /etc/passwd /etc/hosts "$folder"

tar -czf "/tmp/$case_id.tar.gz" -C "$folder" .
echo "Wrote /tmp/$case_id.tar.gz"
