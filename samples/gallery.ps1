<#
.SYNOPSIS
    Generates the images of a CSV file, saves them, and creates an HTML page that shows the images and the failures with their reasons.
.DESCRIPTION
    Each row is an image. The columns have the names of parameters of New-RunwareImage. The script returns the file of the page. It uses
    the connection of the session, or the key in RUNWARE_API_KEY.
.EXAMPLE
    ./samples/gallery.ps1 prompts.csv -MaxCost 20 | Invoke-Item
#>
[CmdletBinding()]
param(
    # The rows.
    [Parameter(Mandatory, Position = 0)] [string] $Csv,

    # The folder of the images and the page.
    [string] $Path = (Join-Path $PWD 'pictures'),

    # The title of the page.
    [string] $Title = (Split-Path $Csv -LeafBase),

    # The most, in USD, that the whole file can cost.
    $MaxCost = 5,

    # The module, if it isn't installed.
    [string] $Module = 'RunwarePS'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Continue' # if a row is refused, the others continue

Import-Module $Module -ErrorAction Stop
$tasks = @(Import-Csv -LiteralPath $Csv | New-RunwareImage -Async -MaxCost $MaxCost | Wait-RunwareTask)

# Saving sets the paths of the images, so that the page can link them.
$tasks | ForEach-Object Image | Save-RunwareImage -Path $Path -FileName '{Prompt}-{ImageUuid}' -PassThru | Out-Null
$tasks | Export-RunwareGallery (Join-Path $Path 'index.html') -Title $Title -Force -PassThru
