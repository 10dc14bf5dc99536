<#
.SYNOPSIS
    A scheduled script that runs once a day, with cron, in GitHub Actions, or as a runbook in Azure Automation.
.DESCRIPTION
    If you run the script again with the same name, it returns the images that were already bought and buys nothing twice, even on another
    computer. If an image is missing at the end, the script fails. In Azure Automation, the key is the password of the credential asset
    Runware; otherwise it's in RUNWARE_API_KEY.
.EXAMPLE
    ./samples/runbook.ps1 -Run $env:GITHUB_RUN_ID -Path ./pictures
#>
[CmdletBinding()]
param(
    # The name of this run.
    [string] $Run = [datetime]::UtcNow.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture),

    # The folder of the images. The script creates a folder in it for each run.
    [string] $Path = (Join-Path $PWD 'pictures'),

    # The most, in USD, that a run can cost. It has no type: [decimal] would make 5 of the text 0,5.
    $MaxCost = 1,

    # The module, if it isn't installed.
    [string] $Module = 'RunwarePS'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module $Module
if (Get-Command Get-AutomationPSCredential -ErrorAction Ignore) {
    Connect-Runware -Credential (Get-AutomationPSCredential -Name Runware)
}

'a postcard of a harbor', 'a postcard of a market' |
    New-RunwareImage -Quality high -IdempotencyKey "daily $Run" -MaxCost $MaxCost -Tag $Run -ErrorAction Continue -ErrorVariable failed |
    Save-RunwareImage -Path (Join-Path $Path $Run) -FileName '{Prompt}'
if ($failed) {
    throw "Images missing in run ${Run}: $($failed.Count). Run the script again with -Run $Run."
}
