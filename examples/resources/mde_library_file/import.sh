# By file name. The next plan is an update that records the source and, where
# the content is the same, makes no call.
terraform import mde_library_file.triage Collect-Triage.ps1
