<#
.SYNOPSIS
    A script that runs by itself, once a day: with cron, in GitHub Actions, or as a runbook of Azure Automation.
.DESCRIPTION
    Run again under the same name, it finds what it bought and buys nothing twice, on another machine too. When a picture is missing in the
    end, it fails, so that somebody looks. In Azure Automation the key is the password of the credential asset Runware, elsewhere it is in
    RUNWARE_API_KEY.
.EXAMPLE
    ./samples/runbook.ps1 -Run $env:GITHUB_RUN_ID -Path ./pictures
#>
[CmdletBinding()]
param(
    # The name of this run.
    [string] $Run = [datetime]::UtcNow.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture),

    # Where the pictures go, in a folder of the run's name.
    [string] $Path = (Join-Path $PWD 'pictures'),

    # The most, in USD, that a run may cost. It has no type: [decimal] would make 5 of the text 0,5.
    $MaxCost = 1,

    # The module, where it is not installed.
    [string] $Module = 'RunwarePS'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module $Module
if (Get-Command Get-AutomationPSCredential -ErrorAction Ignore) {
    Connect-Runware -Credential (Get-AutomationPSCredential -Name Runware)
}

'a postcard of a harbour', 'a postcard of a market' |
    New-RunwareImage -Quality high -IdempotencyKey "daily $Run" -MaxCost $MaxCost -Tag $Run -ErrorAction Continue -ErrorVariable failed |
    Save-RunwareImage -Path (Join-Path $Path $Run) -FileName '{Prompt}'
if ($failed) {
    throw "Pictures missing in run ${Run}: $($failed.Count)."
}
