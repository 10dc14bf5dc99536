# What readers copy: the PowerShell blocks of README.md, docs/ and the about topics. Each document runs from its top to its end in a
# runspace of its own, in an empty folder, against a sandbox. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Snippet.psm1') -Force
    $root = Convert-Path -LiteralPath ([IO.Path]::Combine($PSScriptRoot, '..', '..'))

    # What each document promises: it must hold after the last block. Given is there before the first one; Fault is what its sandbox does.
    # $folder, $sandbox and $said, all that the blocks wrote, are at hand.
    $prompts = { "Prompt,Quality`na red tram in the rain,high`nan orange cat asleep,low" | Set-Content prompts.csv }
    $promises = [ordered] @{
        'README.md'                                     = @{ Promise = {
                "$folder/pictures/a green bicycle against a yellow wall.jpg" | Should -Exist
                (Get-ChildItem $folder/pictures/*.jpg -File).Count | Should -Be 10
                ([regex]::Matches((Get-Content $folder/pictures/index.html -Raw), '<article\b')).Count | Should -Be 10
                (Get-ChildItem $folder/media -File).Extension | Sort-Object | Should -Be '.mp3', '.mp3', '.mp4', '.txt'
                Get-Content $folder/media/story.txt | Should -BeLike '*Tell a story about a robot.' -Because 'it is the whole text'
            }
        }
        'docs/chat.md'                                  = @{ Promise = {
                $texts = @($said | Where-Object { $_ -is [RunwarePS.RunwareText] })
                $texts.Count | Should -Be 3
                $texts[1].Prompt | Should -Be 'How tall is it?'
                $data = @($said | Where-Object { $_ -is [Collections.IDictionary] -and $_.Contains('height') })
                $data.Count | Should -Be 1 -Because 'JSON was asked for'
                $data[0].name | Should -BeOfType ([string])
                "$folder/pictures/tram.png" | Should -Exist
            }
        }
        'docs/csv-batches.md'                           = @{ Promise = {
                (Get-ChildItem $folder/pictures/*.jpg -File).Count | Should -Be 3
                ([regex]::Matches((Get-Content $folder/pictures/index.html -Raw), '<article\b')).Count | Should -Be 3
                @($said.Id) | Should -Be 'ParameterOutOfRange'
                Get-Content $folder/failed.csv | Should -BeNullOrEmpty -Because 'the fixed row passes'
                [math]::Round($said[-1].Sum, 3) | Should -Be 0.584 -Because 'each of the three was bought once'
            }
        }
        'docs/first-image.md'                           = @{ Promise = {
                (Get-ChildItem $folder/pictures/* -File -Exclude index.html).Count | Should -Be 7
                ([regex]::Matches((Get-Content $folder/pictures/index.html -Raw), '<article\b')).Count | Should -Be 7
                @($sandbox.Request | Where-Object HasAuthorization).Count | Should -BeGreaterThan 0 -Because 'one block uses a key'
            }
        }
        'docs/from-cli.md'                              = @{ Promise = {
                (Get-ChildItem $folder/pictures/*.jpg).Count | Should -Be 1
                (Get-ChildItem $folder/audio/*.mp3).Count | Should -Be 1
            }
        }
        'docs/from-psopenai.md'                         = @{ Promise = { "$folder/pictures/lion.png" | Should -Exist } }
        'docs/from-rest.md'                             = @{ Promise = {
                "$folder/tram.jpg" | Should -Exist
                (Get-ChildItem $folder/pictures -File).Count | Should -Be 2
            }
        }
        'docs/from-sdk-js.md'                           = @{ Promise = {
                (Get-ChildItem $folder/pictures -File).Count | Should -Be 3
                (Get-ChildItem $folder/audio/*.mp3).Count | Should -Be 1
                @($said) | Should -Contain 'stop' -Because 'the stream ended with its last object'
            }
        }
        'docs/keys.md'                                  = @{ Promise = {
                @($sandbox.Request | Where-Object { $_.TaskType -eq 'accountManagement' -and $_.HasAuthorization }).Count | Should -Be 3
                "$($said | Out-String)" | Should -Not -Match 'made-up'
            }
        }
        'docs/models.md'                                = @{ Promise = {
                @($said | Where-Object { $_ -is [RunwarePS.RunwareModel] }).Count | Should -Be 6
                @($said | Where-Object { $_ -is [RunwarePS.RunwareModelSummary] }).Count | Should -Be 5
                (Get-ChildItem $folder/models/*.glb).Count | Should -Be 1
            }
        }
        'docs/monitoring.md'                            = @{ Promise = {
                @($said) -join ' ' | Should -Match 'Process ID: \d+'
            }
        }
        'docs/photos.md'                                = @{ Promise = {
                foreach ($step in 'photos', 'cut-out', 'final') {
                    (Get-ChildItem $folder/$step/*.png).Count | Should -Be 2 -Because "$step holds a PNG file of each photo"
                }
                (Get-ChildItem $folder/large -File).Count | Should -Be 2
                (Get-ChildItem $folder/masks -File).Count | Should -Be 1
                @($said | Where-Object { $_ -is [string] }).Count | Should -Be 1 -Because 'one photo gets a caption'
            }
        }
        'docs/runbooks.md'                              = @{ Promise = {
                (Get-ChildItem $folder/pictures -Recurse -File).Count | Should -Be 2
                $sandbox.Generation.Count | Should -Be 2 -Because 'the run was repeated under its key'
            }
        }
        'docs/fleet.md'                                 = @{ Promise = {
                (Get-ChildItem $folder/pictures -File).Count | Should -Be 4
                ($said | Where-Object { $_ -is [int] })[-1] | Should -Be 4
            }
        }
        'docs/speech.md'                                = @{ Promise = {
                (Get-ChildItem $folder/audio/*.mp3).BaseName | Sort-Object | Should -Be 'closing', 'evening', 'goodbye', 'morning', 'piano'
            }
        }
        'docs/testing.md'                               = @{ Promise = {
                $said.PassedCount | Should -Contain 3
                $said.FailedCount | Where-Object { $_ } | Should -BeNullOrEmpty
            }
        }
        'docs/video.md'                                 = @{ Promise = {
                (Get-ChildItem $folder/media/*.mp4).Count | Should -Be 3
                "$folder/media/clouds.mp4" | Should -Exist
                @($said | Where-Object { $_ -is [string] }) | Should -BeLike '*Duration must be 5 or 10. You specified 7.*'
                ([regex]::Matches((Get-Content $folder/media/index.html -Raw), '<article\b')).Count | Should -Be 4
            }
        }
        'docs/webhooks.md'                              = @{ Promise = {
                (Get-ChildItem $folder/pictures -File).Count | Should -Be 3 -Because 'the repeated call saves nothing again'
                @($said | Where-Object { $_ -is [RunwarePS.RunwareWebhook] }).IsRunning | Should -Be $false
                @($said | Where-Object { $_ -is [RunwarePS.RunwareImage] }).Prompt | Should -Be 'a green tram'
            }
        }
        'module/en-US/about_RunwarePS.help.txt'         = @{ Given = $prompts; Promise = {
                (Get-ChildItem $folder/pictures -File).Count | Should -Be 7 -Because 'Resume-RunwareTask returns the image that became a video, which was not saved'
                (Get-ChildItem $folder/media -File).Extension | Should -Be '.mp4'
            }
        }
        'module/en-US/about_RunwarePS_Errors.help.txt'  = @{
            Given   = { Connect-Runware -MaxRetryCount 0 }
            Fault   = @{ Kind = 'DropAfterAcceptance'; Match = 'dog'; Times = 1 }
            Promise = {
                $said | Should -Contain 'a dog: ConnectionFailed'
                $said | Where-Object { $_ -like 'ParameterOutOfRange: *' } | Should -Not -BeNullOrEmpty
                (Get-ChildItem $folder -Filter *.jpg).Count | Should -Be 1
            }
        }
        'module/en-US/about_RunwarePS_Media.help.txt'   = @{ Promise = {
                (Get-ChildItem $folder/pictures -File).Count | Should -Be 1
                @($said | Where-Object { $_ -is [RunwarePS.RunwareVideo] }).Count | Should -Be 1
                @($said | Where-Object { $_ -is [RunwarePS.RunwareImage] }).Count | Should -Be 2
            }
        }
        'module/en-US/about_RunwarePS_Models.help.txt'  = @{ Promise = {
                @($said | Where-Object { $_ -is [RunwarePS.RunwareModel] }).Count | Should -BeGreaterThan 0
                @($said.Usd) | Should -Contain 0.167
            }
        }
        'module/en-US/about_RunwarePS_Money.help.txt'   = @{ Given = $prompts; Promise = {
                (Get-ChildItem $folder/spring -File).Count | Should -Be 2
                (Get-ChildItem $folder/pictures -File).Count | Should -Be 2 -Because 'what was bought and not saved is saved'
            }
        }
        'module/en-US/about_RunwarePS_Sandbox.help.txt' = @{ Promise = {
                foreach ($code in 'invalidApiKey', 'RequestTimeout', 'invalidProviderContent', 'Quota', 'TaskTimeout') {
                    "$said" | Should -Match "\b$code\b"
                }
                $said | Where-Object { $_ -is [int] } | Should -Be 1, 1, 1 -Because 'a lost request or reply is made once'
                @($said | Where-Object { $_ -is [RunwarePS.RunwareText] }).Text -replace '^.*: ' | Should -Be 'Name three trams.', 'a cat', 'a dog'
                (Get-ChildItem $folder/media -File).Extension | Should -Be '.mp4'
                @($said | Where-Object { $_ -is [RunwarePS.RunwareAudio] }).Count | Should -Be 1
                (Get-ChildItem $folder/large -File).Length | Should -BeGreaterOrEqual 20MB
            }
        }
    }

    $written = @(
        'README.md'
        Get-ChildItem (Join-Path $root 'docs') -Filter *.md | ForEach-Object { "docs/$($_.Name)" }
        Get-ChildItem ([IO.Path]::Combine($root, 'module', 'en-US')) -Filter *.help.txt | ForEach-Object { "module/en-US/$($_.Name)" }
    )
    $script:documents = foreach ($name in $written) {
        $text = @(Get-Content -LiteralPath (Join-Path $root $name))
        $blocks = @($name -like '*.md' ? (Get-MarkdownSnippet $text -Name $name) : (Get-TopicSnippet $text))
        if ($blocks) {
            @{
                Name     = $name
                Blocks   = $blocks.ForEach({ @{ Line = $_.Line; Code = $_.Code; Kind = $_.Kind; About = $_.About; First = ($_.Code -split "`n")[0] } })
                Document = $promises[$name]
            }
        }
    }
    $script:pages = @($written | Where-Object { $_ -like '*.md' } | ForEach-Object { @{ Page = Join-Path $root $_; Name = $_ } })
    $script:unwritten = @($promises.Keys | Where-Object { $_ -notin $written })
}

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    $script:manifest = Get-Item ((Test-Path $module -PathType Container) ? (Join-Path $module 'RunwarePS.psd1') : $module)
    Import-Module $manifest.FullName -ErrorAction Stop
    Import-Module (Join-Path $PSScriptRoot 'Snippet.psm1') -Force
    $script:vault = Join-Path $PSScriptRoot 'FakeVault.psm1'

    # Commands that live where a block runs, and not here.
    $script:elsewhere = @(
        'Get-AutomationPSCredential' # Azure Automation
        'Push-OutputBinding' # Azure Functions
        'Install-PSResource', 'Register-SecretVault', 'Get-Secret', 'Set-Secret' # modules that a reader may have, and a test machine may not
        'Request-ImageGeneration', 'Request-ImageEdit' # PSOpenAI
        'dotnet' # the SDK, which a machine with PowerShell need not have
    )
    $script:variables = 'RUNWARE_API_KEY', 'RUNWARE_BASE_URL', 'RUNWARE_JOURNAL_PATH', 'PSModulePath'
    $script:kept = @{}
    foreach ($variable in $variables) {
        $script:kept[$variable] = [Environment]::GetEnvironmentVariable($variable)
    }
}

Describe '<Name>' -ForEach $script:documents {
    BeforeAll {
        $script:folder = Convert-Path -LiteralPath (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory)
        $script:said = [Collections.Generic.List[object]]::new()
        $script:sandbox = Start-RunwareSandbox -Fault @(if ($Document -and $Document['Fault']) { $Document.Fault })

        # What says no address goes to the sandbox, and what asks for a key gets one. A block that names neither the live API nor a key cannot reach it.
        $env:RUNWARE_BASE_URL = $sandbox.Endpoint
        $env:RUNWARE_API_KEY = 'made-up-key'
        $env:RUNWARE_JOURNAL_PATH = Join-Path $folder 'journal.db'
        $env:PSModulePath = $manifest.Directory.Parent.FullName + [IO.Path]::PathSeparator + $kept.PSModulePath
        $script:session = Open-SnippetSession -Manifest $manifest.FullName -Folder $folder -Stop
        Invoke-Snippet $session @"
            Import-Module '$($vault -replace "'", "''")', '$((Get-Module Pester).Path -replace "'", "''")'
            function Read-Host([string] `$Prompt, [switch] `$AsSecureString) { `$AsSecureString ? (ConvertTo-SecureString 'made-up-key' -AsPlainText -Force) : 'y' }
            $(if ($Document -and $Document['Given']) { $Document.Given })
"@ | Should -BeNullOrEmpty
        $script:known = $elsewhere + @($Blocks | ForEach-Object { Get-SnippetFunction $_.Code; if ($_.Kind -eq 'file') { "./$($_.About)" } })
    }

    AfterAll {
        $session.Dispose()
        Disconnect-Runware
        Stop-RunwareSandbox
        foreach ($variable in $variables) {
            [Environment]::SetEnvironmentVariable($variable, $kept[$variable])
        }
    }

    It 'line <Line>: <First>' -ForEach @($Blocks | Where-Object Kind -NE no-run) {
        Get-SnippetFault $Code -Known $known | Should -BeNullOrEmpty
        switch ($Kind) {
            'file' { Set-Content -LiteralPath (Join-Path $folder $About) -Value $Code }
            'run' { Invoke-Snippet $session $Code -Output $said | Should -BeNullOrEmpty }
        }
    }

    $readOnly = @($Blocks | Where-Object Kind -EQ no-run)
    if ($readOnly) {
        It 'line <Line>, which <About>: its commands and parameters exist' -ForEach $readOnly {
            Get-SnippetFault $Code -Known $known | Should -BeNullOrEmpty
            if (-not (Get-SnippetCommand $Code | Where-Object { $_ -notin $known })) { Set-ItResult -Skipped -Because $About }
        }
    }

    It 'does what it promises' {
        $Document | Should -Not -BeNullOrEmpty -Because 'a document with blocks has a promise in this file'
        & $Document.Promise
    }
}

Describe 'The links of <Name>' -ForEach $script:pages {
    It 'lead somewhere' {
        $targets = [regex]::Matches((Get-Content -LiteralPath $Page -Raw), '\]\((?<target>[^)#]+)[^)]*\)').ForEach({ $_.Groups['target'].Value })
        $targets | Where-Object { $_ -notmatch '^https://' -and -not (Test-Path (Join-Path (Split-Path $Page) $_)) } | Should -BeNullOrEmpty
    }
}

Describe 'The list of promises' {
    It 'names no document that is not there' -ForEach @(, @{ Unwritten = $script:unwritten }) {
        $Unwritten | Should -BeNullOrEmpty
    }
}

Describe 'A fence' {
    BeforeAll {
        function Get-Block([string] $Info) { @(Get-MarkdownSnippet @('text', "``````$Info", 'Get-Date', '```')) }
    }

    It 'runs, is a file, or says why it does not run' {
        (Get-Block 'powershell').Kind | Should -Be 'run'
        (Get-Block 'powershell file: a b.ps1').About | Should -Be 'a b.ps1'
        $block = Get-Block 'powershell no-run: needs a second machine'
        $block.Kind, $block.About, $block.Line, $block.Code | Should -Be 'no-run', 'needs a second machine', 2, 'Get-Date'
        Get-Block 'yaml' | Should -BeNullOrEmpty
    }

    It 'with a slip in it is refused: <_>' -ForEach 'powershell no-run', 'powershell no-run:', 'powershell norun: why', 'powershell no-run needs x', 'PowerShell', 'powershel', 'pwsh', 'ps1', 'powershell  no-run: x' {
        { Get-Block $_ } | Should -Throw '*is no fence*'
    }

    It 'that is never closed is refused' {
        { Get-MarkdownSnippet @('```powershell', 'Get-Date') } | Should -Throw '*never closed*'
    }
}

Describe 'A block that does not run' {
    It 'must parse' {
        Get-SnippetFault 'if (' | Should -Not -BeNullOrEmpty
    }

    It 'must name commands and parameters that exist' {
        Get-SnippetFault 'New-RunwarePicture x' | Should -Be 'there is no command New-RunwarePicture'
        Get-SnippetFault 'New-RunwareImage x -Colour red' | Should -Be 'New-RunwareImage has no parameter -Colour'
        Get-SnippetFault 'Get-Elsewhere -Any thing' -Known 'Get-Elsewhere' | Should -BeNullOrEmpty
        Get-SnippetFault 'New-RunwareImage x -NumberResults 2 | ForEach-Object { $_.Cost }' | Should -BeNullOrEmpty
    }
}

Describe 'A topic' {
    It 'has its examples eight columns in' {
        $blocks = @(Get-TopicSnippet @('TOPIC', '    words', '        more words', '', 'HEADING', '        one', '            two', '', '    words', '', '        three'))
        $blocks.Code | Should -Be "one`n    two", 'three'
        $blocks.Line | Should -Be 6, 11
    }
}
