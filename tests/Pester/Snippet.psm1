# Code that readers copy: out of help examples, guides and topics. Found, checked and run here, for Help.Tests.ps1 and Guide.Tests.ps1.

Set-StrictMode -Version Latest

# What a fence may say of itself. A closed list, so that a slip of the pen cannot hide a block from the tests.
$script:languages = '', 'csv', 'js', 'json', 'mermaid', 'sh', 'text', 'yaml'
$script:marker = '^powershell(?: (?<kind>no-run|file): (?<about>\S.*))?$'

<#
.SYNOPSIS
    The PowerShell blocks of a markdown text: Line, Code, Kind (run, file or no-run) and About, the name of the file or the reason.
#>
function Get-MarkdownSnippet {
    param([Parameter(Mandatory)] [AllowEmptyString()] [string[]] $Text, [string] $Name = 'text')

    $code = $null
    for ($i = 0; $i -lt $Text.Count; $i++) {
        if ($null -ne $code) {
            if ($Text[$i] -ceq $fence) {
                if ($block) {
                    [pscustomobject] @{ Line = $line; Code = $code -join "`n"; Kind = $block.kind; About = $block.about }
                }
                $code = $null
            }
            else {
                $code.Add($Text[$i])
            }
        }
        elseif ($Text[$i] -match '^(?<fence>\s*(```|~~~))(?<info>.*)$') {
            $fence, $info, $line = $Matches.fence, $Matches.info.Trim(), ($i + 1)
            $code = [Collections.Generic.List[string]]::new()
            $block = $null
            if ($info -cmatch $script:marker) {
                $block = @{ kind = $Matches['kind'] ? $Matches.kind : 'run'; about = $Matches['about'] ? $Matches.about : '' }
            }
            elseif ($info -cnotin $script:languages) {
                throw "$Name, line ${line}: '$info' is no fence. A block that runs is 'powershell', another is 'powershell no-run: <reason>' or 'powershell file: <name>'."
            }
        }
    }
    if ($null -ne $code) {
        throw "$Name, line ${line}: this fence is never closed."
    }
}

<#
.SYNOPSIS
    The examples of an about topic: its paragraphs that stand eight columns in.
#>
function Get-TopicSnippet {
    param([Parameter(Mandatory)] [AllowEmptyString()] [string[]] $Text)

    $code = [Collections.Generic.List[string]]::new()
    for ($i = 0; $i -le $Text.Count; $i++) {
        if ($i -lt $Text.Count -and $Text[$i].Trim()) {
            $code.Add($Text[$i])
        }
        elseif ($code.Count -gt 0) {
            # A heading may stand right above its example, as "THE FIRST PICTURE" does.
            $lines = @($code | Where-Object { $_ -cnotmatch '^[A-Z]' })
            if ($lines -and -not ($lines -notmatch '^ {8}')) {
                [pscustomobject] @{ Line = $i - $lines.Count + 1; Code = $lines.Substring(8) -join "`n"; Kind = 'run'; About = '' }
            }
            $code.Clear()
        }
    }
}

<#
.SYNOPSIS
    What is wrong with a piece of code that need not run: where it does not parse, and which commands and parameters do not exist.
.PARAMETER Known
    Commands that other pieces define, or that live where the code runs. Their parameters are not looked at.
#>
function Get-SnippetFault {
    param([Parameter(Mandatory)] [string] $Code, [string[]] $Known = @())

    $errors = $null
    $ast = [Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $errors)
    $errors | ForEach-Object { "line $($_.Extent.StartLineNumber): $($_.Message)" }
    foreach ($call in $ast.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)) {
        $name = $call.GetCommandName()
        if (-not $name -or $name -in $Known) {
            continue
        }

        $command = Get-Command $name -ErrorAction Ignore | Select-Object -First 1
        while ($command -is [Management.Automation.AliasInfo]) {
            $command = $command.ResolvedCommand
        }

        if (-not $command) {
            "there is no command $name"
        }
        elseif ($command -isnot [Management.Automation.ApplicationInfo]) {
            $spelt = @($command.Parameters.Keys) + @($command.Parameters.Values.Aliases)
            $call.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] -and $_.ParameterName -notin $spelt } |
                ForEach-Object { "$name has no parameter -$($_.ParameterName)" }
        }
    }
}

<#
.SYNOPSIS
    The names of the commands that a piece of code calls.
#>
function Get-SnippetCommand {
    param([Parameter(Mandatory)] [string] $Code)

    $ast = [Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $null)
    $ast.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true) | ForEach-Object { $_.GetCommandName() } | Where-Object { $_ }
}

<#
.SYNOPSIS
    The functions that a piece of code defines.
#>
function Get-SnippetFunction {
    param([Parameter(Mandatory)] [string] $Code)

    $ast = [Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $null)
    $ast.FindAll({ $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] }, $true) | ForEach-Object Name
}

<#
.SYNOPSIS
    A fresh runspace in a folder, with the module imported and StrictMode on. Dispose it.
.PARAMETER Stop
    The first error ends a piece of code, as in a script that sets $ErrorActionPreference.
#>
function Open-SnippetSession {
    param([Parameter(Mandatory)] [string] $Manifest, [Parameter(Mandatory)] [string] $Folder, [switch] $Stop)

    $shell = [powershell]::Create()
    $null = $shell.AddScript({
            param($Manifest, $Folder, $Preference)
            Set-StrictMode -Version Latest
            Import-Module $Manifest -ErrorAction Stop
            Set-Location -LiteralPath $Folder
            $ErrorActionPreference = $Preference
        }).AddArgument($Manifest).AddArgument($Folder).AddArgument($Stop ? 'Stop' : 'Continue').Invoke()
    $shell
}

<#
.SYNOPSIS
    Runs a piece of code in such a runspace, and gives what went wrong: the error that ended it, errors and warnings.
.PARAMETER Output
    Takes what the code wrote.
#>
function Invoke-Snippet {
    param([Parameter(Mandatory)] [powershell] $Session, [Parameter(Mandatory)] [string] $Code, [Collections.Generic.List[object]] $Output = @())

    $Session.Commands.Clear()
    $Session.Streams.ClearStreams()
    try {
        $Session.AddScript($Code).Invoke([object[]] @(), $Output)
    }
    catch {
        $failure = $_.Exception.InnerException ? $_.Exception.InnerException : $_.Exception
        "$($failure -is [Management.Automation.RuntimeException] ? $failure.ErrorRecord.FullyQualifiedErrorId : $failure.GetType().Name): $($failure.Message)"
    }
    $Session.Streams.Error | ForEach-Object { "$($_.FullyQualifiedErrorId): $_" }
    $Session.Streams.Warning | ForEach-Object { "warning: $_" }
}
