#requires -Version 7.4

<#
.SYNOPSIS
    Builds, tests, analyzes and publishes RunwarePS.
.DESCRIPTION
    Runs dotnet and the tools for scripts and help. If dotnet fails, the script exits with its exit code.
.PARAMETER Task
    The tasks to run, in the specified order.
    Build    builds the solution, stages the module in out/RunwarePS, and tests the staged manifest.
    Demo     generates three images on the sandbox and saves them.
    Test     runs all tests.
    Analyze  runs PSScriptAnalyzer on all scripts, and fails if there is a warning.
    Help     creates the help file of the module (MAML) from module/help/*.md. Requires PlatyPS.
    Campaign stops batches of 200 tasks at 50 random moments, resumes them, and counts the tasks that were lost or bought twice.
             With -Fleet, four workers share a journal in PostgreSQL, and the server and the network fail, too.
    Coverage runs the tests with coverlet, and shows the coverage of the core and the cmdlets and the lines that aren't covered.
    Package  builds the release configuration into an empty out/RunwarePS, and creates out/RunwarePS.<version>.nupkg.
    Publish  publishes that package to the PowerShell Gallery. Requires a key and PSResourceGet. With -WhatIf, nothing is sent.
.PARAMETER Configuration
    The configuration that dotnet builds. Package always builds Release.
.PARAMETER Fleet
    Runs the campaign of a fleet. Requires PostgreSQL in /usr/lib/postgresql.
.PARAMETER ApiKey
    The PowerShell Gallery key for Publish. If you don't specify it, the environment variable PSGALLERY_API_KEY is used.
.EXAMPLE
    ./build.ps1
    Builds the module.
.EXAMPLE
    ./build.ps1 -Task Help, Build, Test
    Creates the help file, stages it with the module, and runs all tests.
.EXAMPLE
    ./build.ps1 -Task Package, Publish -WhatIf
    Creates the package, and shows what would be published.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Analyze', 'Help', 'Campaign', 'Coverage', 'Package', 'Publish')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    [switch] $Fleet,

    [securestring] $ApiKey
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Invoke-DotNet([string[]] $Argument) {
    if (-not (Get-Command dotnet -CommandType Application -ErrorAction Ignore)) {
        throw 'Cannot find dotnet on the PATH. Install the .NET 10 SDK: https://dotnet.microsoft.com/download'
    }

    # The exit code is the result, even if the caller changed the preference for native errors.
    $PSNativeCommandUseErrorActionPreference = $false
    & dotnet @Argument
    if ($LASTEXITCODE -ne 0) {
        exit $LASTEXITCODE
    }
}

function Import-Tool([string] $Name, [version] $MinimumVersion) {
    if (-not (Get-Module $Name -ListAvailable | Where-Object Version -GE $MinimumVersion)) {
        throw "This task requires the module $Name, version $MinimumVersion or later. To install it, run: Install-PSResource $Name"
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

    # All files are UTF-8 without a byte order mark. In tests, the analyzer reports Pester's variables, helpers and fake keys as real ones.
    $always = 'PSUseBOMForUnicodeEncodedFile'
    $inTests = 'PSUseDeclaredVarsMoreThanAssignments', 'PSUseShouldProcessForStateChangingFunctions', 'PSAvoidUsingConvertToSecureStringWithPlainText'
    $findings = @($scripts | ForEach-Object {
            $excluded = if ($_.Name -like '*.Tests.ps1') { @($always) + $inTests } else { @($always) }
            Invoke-ScriptAnalyzer -Path $_.FullName -ExcludeRule $excluded
        })
    $findings | Format-Table Severity, RuleName, ScriptName, Line, Message -Wrap | Out-Host
    $count = @($findings | Where-Object Severity -NE 'Information').Count
    if ($count -gt 0) {
        throw "PSScriptAnalyzer found $count warnings or errors. Fix those listed above."
    }

    "PSScriptAnalyzer found no problems in $(@($scripts).Count) scripts."
}

function Invoke-Package {
    $WhatIfPreference = $false # -WhatIf is for Publish, which needs the package to show what it would do

    # Files of an earlier build in the staged module would be added to the package.
    Get-Item -Path $stage, (Join-Path $out 'RunwarePS.*.nupkg') -ErrorAction Ignore | Remove-Item -Recurse -Force

    Invoke-DotNet 'build', ([IO.Path]::Combine($PSScriptRoot, 'src', 'RunwarePS')), '--configuration', 'Release', '--no-incremental'
    $null = Test-ModuleManifest -Path (Join-Path $stage 'RunwarePS.psd1')
    & ([IO.Path]::Combine($PSScriptRoot, 'build', 'New-Package.ps1')) -Module $stage -Destination $out
}

function Get-MadePackage {
    $packages = @(Get-ChildItem -Path (Join-Path $out 'RunwarePS.*.nupkg') -ErrorAction Ignore)
    if ($packages.Count -ne 1) {
        throw "Expected one package in $out, but found $($packages.Count). To create it, run: ./build.ps1 -Task Package"
    }

    $packages[0]
}

function Publish-Package([IO.FileInfo] $Package, [securestring] $Key) {
    if (-not $Key -and -not $env:PSGALLERY_API_KEY) {
        throw 'Publishing requires a PowerShell Gallery key. Specify -ApiKey (Read-Host -AsSecureString), or set the environment variable PSGALLERY_API_KEY.'
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
            $campaign = [IO.Path]::Combine($PSScriptRoot, 'tests', 'Campaign')
            if ($Fleet) {
                & (Join-Path $campaign fleet.ps1) -Module $stage -Mode Same
                & (Join-Path $campaign fleet.ps1) -Module $stage -Mode Cap
            }
            else {
                & (Join-Path $campaign kill.ps1) -Module $stage -Kill 50 -Count 200
            }
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
