<#
.SYNOPSIS
    Makes the pictures of a CSV file, and can be run again: what was bought comes back, only the rest is bought.
.DESCRIPTION
    A row is a picture; its columns are named like the parameters of New-RunwareImage. Writes the files. Rows that failed go into a CSV file
    with the reason, and the script ends with an error. It uses the connection of the session, or the key in RUNWARE_API_KEY.
.EXAMPLE
    ./samples/csv-batch.ps1 prompts.csv -MaxCost 20
#>
[CmdletBinding()]
param(
    # The rows.
    [Parameter(Mandatory, Position = 0)] [string] $Csv,

    # Where the pictures go.
    [string] $Path = (Join-Path $PWD 'pictures'),

    # How they are named. The id of a task stays the same when the script runs again, and so do the names.
    [string] $FileName = '{TaskUuid}-{Index}',

    # A name for this batch. Take another one to have new pictures of the same rows.
    [string] $Key = (Split-Path $Csv -LeafBase),

    # The most, in USD, that the whole file may cost. It has no type: [decimal] would make 5 of the text 0,5.
    $MaxCost = 5,

    # Where the rows go that failed.
    [string] $FailedCsv = (Join-Path $PWD 'failed.csv'),

    # The module, where it is not installed.
    [string] $Module = 'RunwarePS'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module $Module
Import-Csv -LiteralPath $Csv |
    New-RunwareImage -IdempotencyKey $Key -MaxCost $MaxCost -ErrorAction SilentlyContinue -ErrorVariable failed |
    Save-RunwareImage -Path $Path -FileName $FileName -ErrorAction SilentlyContinue -ErrorVariable unsaved

$failures = @($failed) + @($unsaved)
$failures | ForEach-Object {
    [pscustomobject] @{
        Prompt  = $_.TargetObject.Prompt
        Id      = ($_.FullyQualifiedErrorId -split ',')[0]
        Message = "$_"
    }
} | Export-Csv -LiteralPath $FailedCsv
if ($failures) {
    throw "Pictures missing: $($failures.Count). $FailedCsv says why. Mend the rows and run this again."
}
