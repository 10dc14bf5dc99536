<#
.SYNOPSIS
    Generates the images of a CSV file. If you run it again, it buys only what is missing.
.DESCRIPTION
    Each row is an image. The columns have the names of parameters of New-RunwareImage or of the API. The script returns the saved files.
    It ignores rows whose cells are all blank. It writes the rows that failed to a CSV file, with the reason, and then ends with an error.
    It uses the connection of the session, or the key in RUNWARE_API_KEY.
.EXAMPLE
    ./samples/csv-batch.ps1 prompts.csv -MaxCost 20
#>
[CmdletBinding()]
param(
    # The rows.
    [Parameter(Mandatory, Position = 0)] [string] $Csv,

    # The folder of the images.
    [string] $Path = (Join-Path $PWD 'pictures'),

    # The names of the files. The ID of a task stays the same when the script runs again, and so do the names.
    [string] $FileName = '{TaskUuid}-{Index}',

    # A name for this batch. To buy new images of the same rows, specify another name.
    [string] $Key = (Split-Path $Csv -LeafBase),

    # The most, in USD, that the whole file can cost. It has no type: [decimal] would make 5 of the text 0,5.
    $MaxCost = 5,

    # The file for the rows that failed.
    [string] $FailedCsv = (Join-Path $PWD 'failed.csv'),

    # The module, if it isn't installed.
    [string] $Module = 'RunwarePS'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module $Module
$rows = @(Import-Csv -LiteralPath $Csv | Where-Object { "$($_.PSObject.Properties.Value)" -match '\S' })
$rows | New-RunwareImage -IdempotencyKey $Key -MaxCost $MaxCost -ErrorAction SilentlyContinue -ErrorVariable failed |
    Save-RunwareImage -Path $Path -FileName $FileName -ErrorAction SilentlyContinue -ErrorVariable unsaved

# What an error concerns is a request or an image. Both have a prompt and the position of their row, but other objects may not.
function Get-TargetValue($ErrorRecord, [string] $Name) {
    if ($null -ne $ErrorRecord.TargetObject -and $ErrorRecord.TargetObject.PSObject.Properties[$Name]) { $ErrorRecord.TargetObject.$Name }
}

$failures = @($failed) + @($unsaved)
$failures | ForEach-Object {
    [pscustomobject] @{
        InputIndex = Get-TargetValue $_ InputIndex
        Prompt     = Get-TargetValue $_ Prompt
        Id         = ($_.FullyQualifiedErrorId -split ',')[0]
        Message    = "$_"
    }
} | Export-Csv -LiteralPath $FailedCsv
if ($failures) {
    throw "Images missing: $($failures.Count). $FailedCsv lists the reasons. Fix the rows and run this script again."
}
