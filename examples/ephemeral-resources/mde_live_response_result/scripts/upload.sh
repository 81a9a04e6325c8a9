#!/bin/sh
# Stands for what passes the evidence on.
test -n "$EVIDENCE_URL"
