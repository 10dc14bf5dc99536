#requires -Version 7.4

<#
.SYNOPSIS
    Builds, shows, tests and checks RunwarePS.
.DESCRIPTION
    A thin front for dotnet and for the tools that look after scripts and help. A failing dotnet ends the script with its exit code.
.PARAMETER Task
    What to do. Several tasks run in the order in which they are given.
    Build    builds the solution, which stages the module in out/RunwarePS, and checks the staged manifest.
    Demo     makes three pictures on the sandbox and saves them.
    Test     runs all tests.
    Analyze  runs PSScriptAnalyzer over all scripts; a warning fails.
    Help     makes the help file of the module (MAML) from module/help/*.md; needs PlatyPS.
    Campaign kills batches of 200 tasks at 50 random moments, resumes them, and counts what was lost or bought twice.
.PARAMETER Configuration
    The configuration that dotnet builds.
.EXAMPLE
    ./build.ps1
    Builds the module.
.EXAMPLE
    ./build.ps1 -Task Help, Build, Test
    Makes the help again, stages it with the module and runs all tests.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Analyze', 'Help', 'Campaign')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Invoke-DotNet([string[]] $Argument) {
    if (-not (Get-Command dotnet -CommandType Application -ErrorAction Ignore)) {
        throw 'dotnet is not on the PATH. The .NET 10 SDK has it: https://dotnet.microsoft.com/download'
    }

    # The exit code decides, whatever the caller's preference for native errors is.
    $PSNativeCommandUseErrorActionPreference = $false
    & dotnet @Argument
    if ($LASTEXITCODE -ne 0) {
        exit $LASTEXITCODE
    }
}

function Import-Tool([string] $Name, [version] $MinimumVersion) {
    if (-not (Get-Module $Name -ListAvailable | Where-Object Version -GE $MinimumVersion)) {
        throw "This task needs the module $Name, $MinimumVersion or newer. Install it with: Install-PSResource $Name"
    }

    Import-Module $Name -MinimumVersion $MinimumVersion
}

function Invoke-Analyze {
    Import-Tool PSScriptAnalyzer 1.22.0
    $made = 'out', 'bin', 'obj', '.git'
    $scripts = Get-ChildItem $PSScriptRoot -Recurse -File -Include *.ps1, *.psm1 | Where-Object {
        $folders = [IO.Path]::GetRelativePath($PSScriptRoot, $_.DirectoryName) -split '[\\/]'
        -not ($folders | Where-Object { $_ -in $made })
    }

    # Scripts are UTF-8 without a mark, as everything here. In tests the analyser takes Pester's variables, helpers and made-up keys for real ones.
    $always = 'PSUseBOMForUnicodeEncodedFile'
    $inTests = 'PSUseDeclaredVarsMoreThanAssignments', 'PSUseShouldProcessForStateChangingFunctions', 'PSAvoidUsingConvertToSecureStringWithPlainText'
    $findings = @($scripts | ForEach-Object {
            $excluded = if ($_.Name -like '*.Tests.ps1') { @($always) + $inTests } else { @($always) }
            Invoke-ScriptAnalyzer -Path $_.FullName -ExcludeRule $excluded
        })
    $findings | Format-Table Severity, RuleName, ScriptName, Line, Message -Wrap | Out-Host
    $count = @($findings | Where-Object Severity -NE 'Information').Count
    if ($count -gt 0) {
        throw "PSScriptAnalyzer has $count warning(s) or error(s)."
    }

    "PSScriptAnalyzer finds nothing wrong in $(@($scripts).Count) scripts."
}

$solution = Join-Path $PSScriptRoot 'RunwarePS.sln'
foreach ($name in $Task) {
    switch ($name) {
        'Build' {
            Invoke-DotNet 'build', $solution, '--configuration', $Configuration
            Test-ModuleManifest -Path ([IO.Path]::Combine($PSScriptRoot, 'out', 'RunwarePS', 'RunwarePS.psd1'))
        }
        'Demo' {
            $sample = [IO.Path]::Combine($PSScriptRoot, 'samples', 'FirstImage')
            Invoke-DotNet 'run', '--project', $sample, '--configuration', $Configuration
        }
        'Test' { Invoke-DotNet 'test', $solution, '--configuration', $Configuration }
        'Analyze' { Invoke-Analyze }
        'Help' {
            Import-Tool Microsoft.PowerShell.PlatyPS 1.0.0
            & ([IO.Path]::Combine($PSScriptRoot, 'module', 'help', 'ConvertTo-Maml.ps1'))
        }
        'Campaign' {
            Invoke-DotNet 'build', $solution, '--configuration', $Configuration
            $module = [IO.Path]::Combine($PSScriptRoot, 'out', 'RunwarePS')
            & ([IO.Path]::Combine($PSScriptRoot, 'tests', 'Campaign', 'kill.ps1')) -Module $module -Kill 50 -Count 200
        }
    }
}
