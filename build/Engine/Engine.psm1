# How scripts start PowerShell as a child process. The twin of PowerShellEngine.cs.

Set-StrictMode -Version Latest

<#
.SYNOPSIS
    Gets the program and the leading arguments that start PowerShell.
.DESCRIPTION
    The engine that the environment variable RUNWAREPS_PWSH names, else the one that the restore brought and the build described in
    out/engine.json. Never the path of the current process: under the .NET tool that is dotnet.
.OUTPUTS
    An object with File, Argument and Pester (the manifest of the restored Pester, or nothing if there was no build).
.EXAMPLE
    $engine = Get-Engine
    & $engine.File @($engine.Argument) -NoProfile -Command '$PSVersionTable'
#>
function Get-Engine {
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param()

    $path = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'engine.json'))
    $restored = if (Test-Path -LiteralPath $path) { Get-Content -LiteralPath $path -Raw | ConvertFrom-Json }
    if ($env:RUNWAREPS_PWSH) {
        [pscustomobject]@{ File = $env:RUNWAREPS_PWSH; Argument = @(); Pester = $restored ? $restored.Pester : $null }
    }
    elseif ($restored) {
        [pscustomobject]@{ File = $restored.File; Argument = @($restored.Arguments); Pester = $restored.Pester }
    }
    else {
        throw "Cannot find '$path', which describes the restored PowerShell. Run 'dotnet build', or set RUNWAREPS_PWSH to the path of a pwsh executable."
    }
}

<#
.SYNOPSIS
    Gets the start information of a PowerShell process without a profile and without prompts, for callers that wait for it or kill it.
.EXAMPLE
    $process = [Diagnostics.Process]::Start((Get-EngineStartInfo -Argument '-File', './samples/resume.ps1'))
#>
function Get-EngineStartInfo {
    [CmdletBinding()]
    [OutputType([Diagnostics.ProcessStartInfo])]
    param(
        # The arguments of pwsh.
        [Parameter(Mandatory)] [string[]] $Argument
    )

    $engine = Get-Engine
    $start = [Diagnostics.ProcessStartInfo]::new($engine.File)
    $null = $start.Environment.Remove('PSModulePath') # the child's own modules, not those of the engine that starts it
    foreach ($one in $engine.Argument + '-NoProfile' + '-NonInteractive' + $Argument) {
        $start.ArgumentList.Add($one)
    }

    $start
}

<#
.SYNOPSIS
    Runs PowerShell as a child process without a profile and without prompts.
.DESCRIPTION
    Passes the arguments on as they are and writes what the child writes. $LASTEXITCODE holds its exit code.
.EXAMPLE
    Invoke-Engine -File ./samples/resume.ps1
#>
function Invoke-Engine {
    $engine = Get-Engine
    & $engine.File @($engine.Argument) -NoProfile -NonInteractive @args
}

Export-ModuleMember -Function Get-Engine, Get-EngineStartInfo, Invoke-Engine
