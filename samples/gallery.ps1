<#
.SYNOPSIS
    Makes the pictures of a CSV file, saves them, and puts them on one HTML page, with those that failed and why.
.DESCRIPTION
    A row is a picture; its columns are named like the parameters of New-RunwareImage. Writes the page's file. It uses the connection of the
    session, or the key in RUNWARE_API_KEY.
.EXAMPLE
    ./samples/gallery.ps1 prompts.csv -MaxCost 20 | Invoke-Item
#>
[CmdletBinding()]
param(
    # The rows.
    [Parameter(Mandatory, Position = 0)] [string] $Csv,

    # Where the pictures and the page go.
    [string] $Path = (Join-Path $PWD 'pictures'),

    # What stands above them.
    [string] $Title = (Split-Path $Csv -LeafBase),

    # The most, in USD, that the whole file may cost.
    $MaxCost = 5,

    # The module, where it is not installed.
    [string] $Module = 'RunwarePS'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Continue' # a row that is refused must not cost the others their place

Import-Module $Module -ErrorAction Stop
$tasks = @(Import-Csv -LiteralPath $Csv | New-RunwareImage -Async -MaxCost $MaxCost | Wait-RunwareTask)

# Saving tells the images of the tasks where they lie, so that the page can link them.
$tasks | ForEach-Object Image | Save-RunwareImage -Path $Path -FileName '{Prompt}-{ImageUuid}' -PassThru | Out-Null
$tasks | Export-RunwareGallery (Join-Path $Path 'index.html') -Title $Title -Force -PassThru
