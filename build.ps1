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
    [ValidateSet('Build', 'Demo', 'Test', 'Analyze', 'Help')]
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
    $findings = @($scripts | ForEach-Object { Invoke-ScriptAnalyzer -Path $_.FullName })
    $findings | Format-Table Severity, RuleName, ScriptName, Line, Message -Wrap | Out-Host
    $count = @($findings | Where-Object Severity -NE 'Information').Count
    if ($count -gt 0) {
        throw "PSScriptAnalyzer has $count warning(s) or error(s)."
    }

    "PSScriptAnalyzer finds nothing wrong in $(@($scripts).Count) scripts."
}

# Stored in the help file and compared by tests/Pester/Help.Tests.ps1: SHA-256 over name and text of each page, in the order of the names.
function Get-PageHash([IO.FileInfo[]] $Page) {
    [string[]] $names = $Page.Name
    [array]::Sort($names, [StringComparer]::Ordinal)
    $text = foreach ($name in $names) {
        $name
        [IO.File]::ReadAllText((Join-Path $Page[0].DirectoryName $name)).ReplaceLineEndings("`n")
    }
    [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($text -join "`n")))
}

# Get-Help shows text as it stands, so the marks and line ends of markdown go, and a list stays a list.
function ConvertTo-PlainText([string] $Markdown) {
    $Markdown.ReplaceLineEndings("`n").Trim() -split '\n\s*\n' | ForEach-Object {
        $_.Trim() -replace '\n(?!- )\s*', ' ' -replace '`([^`]+)`', '$1'
    } | Where-Object { $_ -and $_ -ne [char] 0x80 }
}

# PlatyPS puts an example, code and all, into its introduction, one text into one paragraph,
# and marks of its own between paragraphs; it leaves the default values out.
function Repair-Maml([xml] $Maml, [object[]] $Help) {
    $names = [Xml.XmlNamespaceManager]::new($Maml.NameTable)
    $names.AddNamespace('maml', 'http://schemas.microsoft.com/maml/2004/10')
    $names.AddNamespace('command', 'http://schemas.microsoft.com/maml/dev/command/2004/10')
    $names.AddNamespace('dev', 'http://schemas.microsoft.com/maml/dev/2004/10')

    function Write-Para([Xml.XmlElement] $Parent, [string] $Markdown) {
        $Parent.RemoveAll()
        foreach ($text in ConvertTo-PlainText $Markdown) {
            $para = $Maml.CreateElement('maml', 'para', $names.LookupNamespace('maml'))
            $para.InnerText = $text
            $null = $Parent.AppendChild($para)
        }
    }

    foreach ($example in $Maml.SelectNodes('//command:example', $names)) {
        $introduction = $example.SelectSingleNode('maml:introduction', $names)
        $text = ($introduction.SelectNodes('maml:para', $names).InnerText -join "`n`n").ReplaceLineEndings("`n")
        if ($text -notmatch '(?s)^(?<before>.*?)```powershell\n(?<code>.*?)\n```(?<after>.*)$') {
            throw "An example has no powershell block: $text"
        }

        $parts = $Matches
        $example.SelectSingleNode('dev:code', $names).InnerText = $parts.code
        Write-Para $introduction $parts.before
        $remarks = $example.SelectSingleNode('dev:remarks', $names)
        Write-Para $remarks $parts.after

        # A blank line before the next example.
        $null = $remarks.AppendChild($Maml.CreateElement('maml', 'para', $names.LookupNamespace('maml')))
    }

    foreach ($description in $Maml.SelectNodes('//maml:description[maml:para] | //maml:alert[maml:para]', $names)) {
        Write-Para $description ($description.SelectNodes('maml:para', $names).InnerText -join "`n`n")
    }

    foreach ($page in $Help) {
        foreach ($parameter in $page.Parameters | Where-Object DefaultValue) {
            $default = $Maml.CreateElement('dev', 'defaultValue', $names.LookupNamespace('dev'))
            $default.InnerText = $parameter.DefaultValue
            $command = "//command:command[command:details/command:name='$($page.Title)']"
            $path = "$command/command:parameters/command:parameter[maml:name='$($parameter.Name)']"
            $null = $Maml.SelectSingleNode($path, $names).AppendChild($default)
        }
    }

    foreach ($type in $Maml.SelectNodes('//dev:type/maml:name | //command:parameterValue', $names)) {
        $type.InnerText = $type.InnerText -replace '^System\.Nullable`1\[(.+)\]$', '$1'
    }
}

function Invoke-Help {
    Import-Tool Microsoft.PowerShell.PlatyPS 1.0.0
    $pages = Get-ChildItem ([IO.Path]::Combine($PSScriptRoot, 'module', 'help')) -Filter *.md
    $temporary = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
    $help = Import-MarkdownCommandHelp -Path $pages.FullName
    try {
        $made = $help | Export-MamlCommandHelp -OutputFolder $temporary -Force
        $maml = [xml]::new()
        $maml.Load($made.FullName)
    }
    finally {
        Remove-Item $temporary -Recurse -ErrorAction Ignore
    }

    Repair-Maml $maml $help
    $origin = $maml.CreateComment(" Made by build.ps1 -Task Help from module/help. SHA-256 of the pages: $(Get-PageHash $pages) ")
    $null = $maml.InsertBefore($origin, $maml.DocumentElement)
    $file = [IO.Path]::Combine($PSScriptRoot, 'module', 'en-US', 'RunwarePS.dll-Help.xml')
    $null = New-Item (Split-Path $file) -ItemType Directory -Force
    $settings = [Xml.XmlWriterSettings]@{
        Indent          = $true
        Encoding        = [Text.UTF8Encoding]::new($false)
        NewLineChars    = "`n"
        NewLineHandling = 'None'
    }
    $writer = [Xml.XmlWriter]::Create($file, $settings)
    try {
        $maml.Save($writer)
    }
    finally {
        $writer.Dispose()
    }

    Get-Item $file
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
        'Help' { Invoke-Help }
    }
}
