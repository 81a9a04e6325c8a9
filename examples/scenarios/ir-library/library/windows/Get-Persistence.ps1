<#
.SYNOPSIS
    Lists what starts by itself: run keys, services outside of the Windows
    folder, scheduled tasks and WMI consumers.
#>
$ErrorActionPreference = 'Stop'

foreach ($key in 'HKLM:\Software\Microsoft\Windows\CurrentVersion\Run', 'HKLM:\Software\Microsoft\Windows\CurrentVersion\RunOnce') {
    if (Test-Path $key) {
        (Get-Item $key).Property | ForEach-Object { "run key`t$_`t$((Get-ItemProperty $key).$_)" }
    }
}
Get-CimInstance Win32_Service |
    Where-Object { $_.StartMode -eq 'Auto' -and $_.PathName -notlike "*$env:SystemRoot*" } |
    ForEach-Object { "service`t$($_.Name)`t$($_.PathName)" }
Get-ScheduledTask |
    Where-Object { $_.State -ne 'Disabled' -and $_.TaskPath -notlike '\Microsoft\*' } |
    ForEach-Object { "task`t$($_.TaskPath)$($_.TaskName)`t$($_.Actions.Execute)" }
Get-CimInstance -Namespace root/subscription -ClassName CommandLineEventConsumer |
    ForEach-Object { "wmi`t$($_.Name)`t$($_.CommandLineTemplate)" }
