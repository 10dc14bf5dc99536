<#
.SYNOPSIS
    One worker of a fleet: generates and saves a list of images through a journal that it shares with other workers.
.DESCRIPTION
    Ends with 0 if each image was generated and saved or is over the cap, and with 1 if a record failed, so that it has to run again.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [uri] $Endpoint,
    [Parameter(Mandatory)] [string] $Journal,
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $Name,
    [int] $Count = 100,
    [decimal] $MaxCost = 0
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module $Module
$cap = if ($MaxCost -gt 0) { @{ MaxCost = $MaxCost } } else { @{} }
Connect-Runware -Endpoint $Endpoint -Journal $Journal @cap
1..$Count | ForEach-Object { "$Name, image $_" } |
    New-RunwareImage -Width 1024 -Height 1024 -Quality high -IdempotencyKey $Name -ThrottleLimit 16 -ErrorAction SilentlyContinue -ErrorVariable failed |
    Save-RunwareImage -Path $Path -Force -ErrorAction SilentlyContinue -ErrorVariable +failed | Out-Null
$rest = @($failed | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] -and $_.FullyQualifiedErrorId -notlike 'BudgetExceeded*' })
$rest | Group-Object FullyQualifiedErrorId | ForEach-Object { "$($_.Count) x $($_.Name): $($_.Group[0])" }
exit [int]($rest.Count -gt 0)
