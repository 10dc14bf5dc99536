# Help as a user of the staged module sees it. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeDiscovery {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    $script:commands = foreach ($command in Get-Command -Module (Import-Module $module -PassThru -ErrorAction Stop).Name) {
        @{
            Name       = $command.Name
            Hidden     = @($command.Parameters.Values | Where-Object { $_.Attributes.DontShow -contains $true } | ForEach-Object Name)
            Parameters = @($command.Parameters.Values | Where-Object {
                    $_.Name -notin [Management.Automation.Cmdlet]::CommonParameters -and $_.Attributes.DontShow -notcontains $true
                } | ForEach-Object { @{ Command = $command.Name; Name = $_.Name; Type = $_.ParameterType } })
            Examples   = @((Get-Help $command.Name).examples.example | Where-Object { $_ } | ForEach-Object {
                    @{
                        Title = "$($_.title)".Trim('-', ' ')
                        Code  = "$($_.code)"
                        Need  = "$($_.title)" -match '\((needs a key|needs a PostgreSQL server|contacts Runware)\)'
                    }
                })
        }
    }
}

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    $script:manifest = Get-Item ((Test-Path $module -PathType Container) ? (Join-Path $module 'RunwarePS.psd1') : $module)
    Import-Module $script:manifest.FullName -ErrorAction Stop
    Import-Module (Join-Path $PSScriptRoot 'Snippet.psm1') -Force
}

Describe 'Help of <Name>' -ForEach $script:commands {
    BeforeAll {
        $script:help = Get-Help $Name -Full
    }

    It 'has a synopsis of one line' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis.Trim() | Should -Not -Match '\n'
        $help.Synopsis.Trim() | Should -Not -BeLike "$Name*" -Because 'without a help file the engine shows the syntax there'
    }

    It 'has a description of one or two short paragraphs' {
        $paragraphs = @($help.description.Text | Where-Object { $_ })
        ($paragraphs -join ' ').Length | Should -BeGreaterThan 100
        $paragraphs.Count | Should -BeLessOrEqual 2
        $paragraphs | Where-Object Length -GT 450 | Should -BeNullOrEmpty
    }

    It 'has two examples or more, each with code and a remark' {
        $help.examples.example.Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.examples.example) {
            $example.code | Should -Not -BeNullOrEmpty
            $example.remarks.Text -join '' | Should -Not -BeNullOrEmpty -Because "example '$($example.title)' should say what happens"
        }
    }

    It 'says what goes in and what comes out' {
        $help.inputTypes.inputType.type.name | Should -Not -BeNullOrEmpty
        $help.returnValues.returnValue.type.name | Should -Not -BeNullOrEmpty
    }

    It 'has an online page that bears its name' {
        (Get-Command $Name).HelpUri | Should -BeLike "https://*/$Name.md"
        $help.relatedLinks.navigationLink.uri | Should -Contain (Get-Command $Name).HelpUri
    }

    It 'has nothing left to fill in' {
        $help | Out-String | Should -Not -Match '\{\{|\u0080|Fill in'
    }

    It 'explains -<Name>' -ForEach $Parameters {
        $parameter = $help.parameters.parameter | Where-Object name -EQ $Name
        $parameter.description.Text -join ' ' | Should -Not -BeNullOrEmpty
        $nullable = [Nullable]::GetUnderlyingType($Type)
        $parameter.type.name | Should -Be ($nullable ? $nullable : $Type).ToString()
    }

    It 'explains only parameters that exist and that a user should see' {
        $known = @((Get-Command $Name).Parameters.Keys)
        Get-Help $Name -Parameter * -ErrorAction Ignore | ForEach-Object {
            $_.name | Should -BeIn $known
            $_.name | Should -Not -BeIn $Hidden
        }
    }
}

Describe 'Get-Help New-RunwareImage' {
    It 'fits 40 lines of 100 columns' {
        @((Get-Help New-RunwareImage | Out-String -Width 100).Trim() -split '\r?\n').Count | Should -BeLessOrEqual 40
    }
}

Describe 'Examples' {
    BeforeAll {
        # No example may reach the live API, whatever the environment of the tests holds.
        $script:kept = @{}
        foreach ($variable in 'RUNWARE_API_KEY', 'RUNWARE_BASE_URL', 'PSModulePath') {
            $script:kept[$variable] = [Environment]::GetEnvironmentVariable($variable)
        }

        $env:RUNWARE_API_KEY = $null
        $env:RUNWARE_BASE_URL = $null

        # Parallel runspaces find the module by its name, as they do where it is installed.
        $env:PSModulePath = $manifest.Directory.Parent.FullName + [IO.Path]::PathSeparator + $env:PSModulePath
    }

    AfterAll {
        foreach ($variable in $script:kept.Keys) {
            [Environment]::SetEnvironmentVariable($variable, $script:kept[$variable])
        }
    }

    AfterEach {
        Disconnect-Runware
        Stop-RunwareSandbox
    }

    Context '<Name>' -ForEach $script:commands {
        # These are read only.
        It '<Title>: its commands and parameters exist' -ForEach @($Examples | Where-Object { $_.Need }) {
            Get-SnippetCommand $Code | Should -Not -BeNullOrEmpty
            Get-SnippetFault $Code -Known Get-Secret | Should -BeNullOrEmpty # of a module that a test machine may not have
        }

        It '<Title>' -ForEach @($Examples | Where-Object { -not $_.Need }) {
            $folder = New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory
            $session = Open-SnippetSession -Manifest $manifest.FullName -Folder $folder.FullName
            try {
                Invoke-Snippet $session $Code | Should -BeNullOrEmpty
            }
            finally {
                $session.Dispose()
            }
        }
    }
}

Describe 'About topics' {
    It 'finds <_>' -ForEach (
        'about_RunwarePS', 'about_RunwarePS_Errors', 'about_RunwarePS_Media', 'about_RunwarePS_Models', 'about_RunwarePS_Money', 'about_RunwarePS_Sandbox'
    ) {
        $topic = Get-Help $_ -ErrorAction Stop
        "$topic" | Should -Match "TOPIC\s+$_\s"
        $file = Get-Content (Join-Path $manifest.DirectoryName "en-US/$_.help.txt")
        $file | Where-Object Length -GT 80 | Should -BeNullOrEmpty -Because 'it should fit 80 columns'
    }

    It 'explains every error id of the module' {
        $text = Get-Content (Join-Path $manifest.DirectoryName 'en-US/about_RunwarePS_Errors.help.txt')
        [RunwarePS.ErrorCodes].GetFields().Name | Where-Object { $text -notcontains "    $_" } | Should -BeNullOrEmpty
        [enum]::GetNames([RunwarePS.RunwareErrorCategory]) | Where-Object { -not ($text -match "^    $_( \(|$)") } | Should -BeNullOrEmpty
    }

    It 'names every cmdlet' {
        $text = Get-Content (Join-Path $manifest.DirectoryName 'en-US/about_RunwarePS.help.txt') -Raw
        (Get-Command -Module RunwarePS).Name | Where-Object { $text -notmatch "(?m)^    $_(  |\r?$)" } | Should -BeNullOrEmpty
    }
}

Describe 'The help file' {
    It 'was made from the pages as they are now' {
        $pages = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'module', 'help')
        if (-not (Test-Path $pages)) {
            Set-ItResult -Skipped -Because 'module/help is not here: this is no checkout'
            return
        }

        # The same sum as in build.ps1: name and text of each page, in the order of the names, with plain line feeds.
        [string[]] $names = (Get-ChildItem $pages -Filter *.md).Name
        [array]::Sort($names, [StringComparer]::Ordinal)
        $text = foreach ($name in $names) {
            $name
            [IO.File]::ReadAllText((Join-Path (Resolve-Path $pages) $name)).ReplaceLineEndings("`n")
        }
        $hash = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($text -join "`n")))
        $stored = (Get-Content (Join-Path $manifest.DirectoryName 'en-US/RunwarePS.dll-Help.xml') -TotalCount 2)[1]
        $stored | Should -Match $hash -Because 'after a change of module/help, ./build.ps1 -Task Help makes the help file again'
    }
}
