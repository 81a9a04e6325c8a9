<#
.SYNOPSIS
    Writes what a first look at a device needs into one archive.
.PARAMETER CaseId
    Goes into the name of the archive.
#>
param(
    [ValidatePattern('^[A-Za-z0-9-]+$')]
    [string] $CaseId = 'triage'
)

$ErrorActionPreference = 'Stop'
$folder = Join-Path $env:TEMP $CaseId
New-Item -ItemType Directory -Path $folder -Force | Out-Null

Get-Process -IncludeUserName | Export-Csv (Join-Path $folder 'processes.csv') -NoTypeInformation
Get-CimInstance Win32_Service | Export-Csv (Join-Path $folder 'services.csv') -NoTypeInformation
Get-ScheduledTask | Export-Csv (Join-Path $folder 'tasks.csv') -NoTypeInformation
Get-NetTCPConnection | Export-Csv (Join-Path $folder 'connections.csv') -NoTypeInformation

$archive = "C:\Windows\Temp\$CaseId.zip"
Compress-Archive -Path (Join-Path $folder '*') -DestinationPath $archive -Force
Remove-Item $folder -Recurse
Write-Output "Wrote $archive"
