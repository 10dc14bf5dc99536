#requires -Version 7.4
#requires -Modules Microsoft.PowerShell.PlatyPS

<#
.SYNOPSIS
    Creates the help file of the module from the pages in this folder, and fixes what PlatyPS leaves unreadable.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Stored in the help file, and compared by tests/Pester/Help.Tests.ps1: the SHA-256 of the name and the text of each page, sorted by name.
function Get-PageHash([IO.FileInfo[]] $Page) {
    [string[]] $names = $Page.Name
    [array]::Sort($names, [StringComparer]::Ordinal)
    $text = foreach ($name in $names) {
        $name
        [IO.File]::ReadAllText((Join-Path $Page[0].DirectoryName $name)).ReplaceLineEndings("`n")
    }
    [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($text -join "`n")))
}

# Get-Help doesn't render Markdown, so the markup and the line breaks are removed. Lists keep their lines.
function ConvertTo-PlainText([string] $Markdown) {
    $Markdown.ReplaceLineEndings("`n").Trim() -split '\n\s*\n' | ForEach-Object {
        $_.Trim() -replace '\n(?!- )\s*', ' ' -replace '`([^`]+)`', '$1'
    } | Where-Object { $_ -and $_ -ne [char] 0x80 }
}

# PlatyPS puts a whole example, with its code, into the introduction, merges paragraphs, inserts its own marks between them, and omits
# the default values.
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

    # A link to another page works on GitHub only. Get-Help shows its name, which is what Get-Help needs to find that page.
    foreach ($uri in $Maml.SelectNodes('//maml:navigationLink/maml:uri[not(contains(., "://"))]', $names)) {
        $uri.InnerText = ''
    }

    foreach ($type in $Maml.SelectNodes('//dev:type/maml:name | //command:parameterValue', $names)) {
        $type.InnerText = $type.InnerText -replace '^System\.Nullable`1\[(.+)\]$', '$1'
    }
}

$pages = Get-ChildItem $PSScriptRoot -Filter *.md
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
$origin = $maml.CreateComment(" Created by build.ps1 -Task Help from module/help. SHA-256 of the pages: $(Get-PageHash $pages) ")
$null = $maml.InsertBefore($origin, $maml.DocumentElement)
$file = [IO.Path]::Combine((Split-Path $PSScriptRoot), 'en-US', 'RunwarePS.dll-Help.xml')
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
