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
    Coverage runs the tests under coverlet and prints what they cover of the core and of the cmdlets, and the lines that none reaches.
    Package  builds for release into an empty out/RunwarePS and packs that as out/RunwarePS.<version>.nupkg.
    Publish  sends that package to the PowerShell Gallery; needs a key and PSResourceGet. -WhatIf sends nothing.
.PARAMETER Configuration
    The configuration that dotnet builds. Package always builds Release.
.PARAMETER ApiKey
    The key of the PowerShell Gallery for Publish. Without it, the environment variable PSGALLERY_API_KEY is read.
.EXAMPLE
    ./build.ps1
    Builds the module.
.EXAMPLE
    ./build.ps1 -Task Help, Build, Test
    Makes the help again, stages it with the module and runs all tests.
.EXAMPLE
    ./build.ps1 -Task Package, Publish -WhatIf
    Makes the package, and says what would be published.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Analyze', 'Help', 'Campaign', 'Coverage', 'Package', 'Publish')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    [securestring] $ApiKey
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

function Invoke-Package {
    $WhatIfPreference = $false # that is for Publish, which needs the package even to say what it would do

    # Whatever an earlier build left in the staged module would be packed with it.
    Get-Item -Path $stage, (Join-Path $out 'RunwarePS.*.nupkg') -ErrorAction Ignore | Remove-Item -Recurse -Force

    Invoke-DotNet 'build', ([IO.Path]::Combine($PSScriptRoot, 'src', 'RunwarePS')), '--configuration', 'Release', '--no-incremental'
    $null = Test-ModuleManifest -Path (Join-Path $stage 'RunwarePS.psd1')
    & ([IO.Path]::Combine($PSScriptRoot, 'build', 'New-Package.ps1')) -Module $stage -Destination $out
}

function Get-MadePackage {
    $packages = @(Get-ChildItem -Path (Join-Path $out 'RunwarePS.*.nupkg') -ErrorAction Ignore)
    if ($packages.Count -ne 1) {
        throw "There should be one package in $out, and there are $($packages.Count). Make it with: ./build.ps1 -Task Package"
    }

    $packages[0]
}

function Publish-Package([IO.FileInfo] $Package, [securestring] $Key) {
    if (-not $Key -and -not $env:PSGALLERY_API_KEY) {
        throw 'Publishing needs a key of the PowerShell Gallery: give -ApiKey (Read-Host -AsSecureString), or set the environment variable PSGALLERY_API_KEY.'
    }

    Import-Tool Microsoft.PowerShell.PSResourceGet 1.1.0
    $text = $Key ? (ConvertFrom-SecureString $Key -AsPlainText) : $env:PSGALLERY_API_KEY
    Publish-PSResource -NupkgPath $Package.FullName -Repository PSGallery -ApiKey $text -Verbose:$false -Debug:$false
}

$solution = Join-Path $PSScriptRoot 'RunwarePS.sln'
$out = Join-Path $PSScriptRoot 'out'
$stage = Join-Path $out 'RunwarePS'
foreach ($name in $Task) {
    switch ($name) {
        'Build' {
            Invoke-DotNet 'build', $solution, '--configuration', $Configuration
            Test-ModuleManifest -Path (Join-Path $stage 'RunwarePS.psd1')
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
            & ([IO.Path]::Combine($PSScriptRoot, 'tests', 'Campaign', 'kill.ps1')) -Module $stage -Kill 50 -Count 200
        }
        'Coverage' { & ([IO.Path]::Combine($PSScriptRoot, 'build', 'Measure-Coverage.ps1')) }
        'Package' { Invoke-Package }
        'Publish' {
            $package = Get-MadePackage
            if ($PSCmdlet.ShouldProcess($package.Name, 'Publish to the PowerShell Gallery')) {
                Publish-Package $package $ApiKey
            }
        }
    }
}
