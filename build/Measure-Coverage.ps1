<#
.SYNOPSIS
    Says which lines and branches of the core and of the cmdlets the tests reach.
.DESCRIPTION
    Runs the tests of the core and those on the engine under coverlet, and puts the runs together branch by branch.
    Without the Pester files: they run the module in processes of their own and are measured by what they say, not by what they touch.
.PARAMETER NoRun
    Shows the figures of the last run.
.OUTPUTS
    A row for each folder of src, a row for each assembly, and the lines that no test reaches.
#>
[CmdletBinding()]
param([switch] $NoRun)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$results = [IO.Path]::Combine($root, 'out', 'coverage')
$sources = [IO.Path]::Combine($root, 'src')

if (-not $NoRun) {
    if (Test-Path -LiteralPath $results) {
        Remove-Item -LiteralPath $results -Recurse -Force
    }

    # The engine loads the staged module, not what lies beside the tests. It is measured in place, for which it needs its symbols, and put back.
    $stage = [IO.Path]::Combine($root, 'out', 'RunwarePS')
    $lib = Join-Path $stage lib
    $collector = 'DataCollectionRunSettings.DataCollectors.DataCollector.Configuration'
    $PSNativeCommandUseErrorActionPreference = $false
    foreach ($project in 'RunwarePS.Core.Tests', 'RunwarePS.Tests') {
        $folder = [IO.Path]::Combine($root, 'tests', $project)
        # Optimized code has fewer lines that can be counted.
        & dotnet build $folder -p:Optimize=false | Out-Host
        $symbols = foreach ($assembly in Get-ChildItem -Path $stage, $lib -Filter RunwarePS*.dll) {
            $name = $assembly.BaseName
            Copy-Item -LiteralPath ([IO.Path]::Combine($sources, $name, 'bin', 'Debug', 'net8.0', "$name.pdb")) -Destination $assembly.DirectoryName -PassThru
        }
        try {
            & dotnet test $folder --no-build --collect 'XPlat Code Coverage' --settings (Join-Path $PSScriptRoot coverage.runsettings) `
                --results-directory (Join-Path $results $project) --filter 'FullyQualifiedName!~PesterTests&FullyQualifiedName!~CampaignTests' `
                -- "$collector.IncludeDirectory=$stage,$lib" | Out-Host
        }
        finally {
            $symbols | Remove-Item
        }

        if ($LASTEXITCODE -ne 0) {
            throw "The tests of $project failed, so there is nothing to measure."
        }
    }
}

# Per file: how often each line ran, and each branch, in any of the runs.
$lines = @{}
$branches = @{}
foreach ($report in Get-ChildItem -LiteralPath $results -Recurse -Filter coverage.json) {
    $assemblies = Get-Content -LiteralPath $report.FullName -Raw | ConvertFrom-Json -AsHashtable
    foreach ($file in $assemblies.Values | ForEach-Object GetEnumerator) {
        $path = [IO.Path]::GetRelativePath($sources, $file.Key)
        if (-not $lines.ContainsKey($path)) {
            $lines[$path] = @{}
            $branches[$path] = @{}
        }

        foreach ($class in $file.Value.GetEnumerator()) {
            foreach ($method in $class.Value.GetEnumerator()) {
                foreach ($line in $method.Value.Lines.GetEnumerator()) {
                    $lines[$path][[int] $line.Key] += [long] $line.Value
                }
                foreach ($branch in $method.Value.Branches) {
                    $branches[$path]["$($method.Key) $($branch.Line) $($branch.Offset) $($branch.Path) $($branch.Ordinal)"] += [long] $branch.Hits
                }
            }
        }
    }
}

function Measure-Part([string] $Name, [string[]] $File) {
    $ofLines = @($File | ForEach-Object { $lines[$_].Values })
    $ofBranches = @($File | ForEach-Object { $branches[$_].Values })
    [pscustomobject]@{
        Part       = $Name
        Lines      = $ofLines.Count
        'Lines %'  = $ofLines ? [math]::Round(100 * @($ofLines -gt 0).Count / $ofLines.Count, 1) : $null
        Branches   = $ofBranches.Count
        'Branch %' = $ofBranches ? [math]::Round(100 * @($ofBranches -gt 0).Count / $ofBranches.Count, 1) : $null
    }
}

$shown = @($lines.Keys | Where-Object { $_ -notmatch '^\.\.' } | Sort-Object)
$shown | Group-Object { [IO.Path]::GetDirectoryName($_) } | ForEach-Object { Measure-Part $_.Name $_.Group } | Format-Table | Out-Host
$shown | Group-Object { ($_ -split '[\\/]')[0] } | ForEach-Object { Measure-Part $_.Name $_.Group } | Format-Table | Out-Host

'Lines that no test reaches:' | Out-Host
foreach ($path in $shown) {
    # Neighbors together: 12, 20-25.
    $open = @($lines[$path].GetEnumerator() | Where-Object Value -EQ 0 | ForEach-Object Key | Sort-Object)
    if ($open) {
        $runs = [Collections.Generic.List[string]]::new()
        for ($i = 0; $i -lt $open.Count; $i++) {
            $first = $open[$i]
            while ($i + 1 -lt $open.Count -and $open[$i + 1] -eq $open[$i] + 1) { $i++ }
            $runs.Add($first -eq $open[$i] ? "$first" : "$first-$($open[$i])")
        }
        "    ${path}: $($runs -join ', ')" | Out-Host
    }
}
