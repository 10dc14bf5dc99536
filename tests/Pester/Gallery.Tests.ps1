# Galleries, through the staged module. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    Import-Module $module -ErrorAction Stop
    $script:sandbox = Start-RunwareSandbox -Fault @{ Kind = 'PartialFailure'; Match = 'market' }
    Connect-Runware -Endpoint $sandbox.Endpoint
    $script:pictures = Join-Path $TestDrive 'pictures [1]'
    $script:saved = 'a red tram', 'a blue boat' | New-RunwareImage -Quality high -Tag set |
        Save-RunwareImage -Path $pictures -FileName '{Prompt} #1 100%' -PassThru |
        Sort-Object InputIndex

    # The texts between tags, as a browser shows them.
    function Read-Page([string] $Page, [string] $Tag = 'h2 class="prompt" dir="auto"') {
        $name = $Tag.Split(' ')[0]
        [regex]::Matches([IO.File]::ReadAllText($Page), "(?s)<$Tag>(.*?)</$name>") | ForEach-Object { [Net.WebUtility]::HtmlDecode($_.Groups[1].Value) }
    }

    # The files that the page shows, found from where it lies.
    function Get-Linked([string] $Page) {
        [regex]::Matches([IO.File]::ReadAllText($Page), ' src="([^"]+)"') | ForEach-Object {
            $link = [Uri]::UnescapeDataString([Net.WebUtility]::HtmlDecode($_.Groups[1].Value))
            [IO.Path]::GetFullPath($link, [IO.Path]::GetDirectoryName($Page))
        }
    }
}

AfterAll {
    Disconnect-Runware
    Stop-RunwareSandbox
}

Describe 'Export-RunwareGallery' {
    BeforeEach {
        $script:folder = Join-Path $TestDrive ([guid]::NewGuid())
        $script:page = Join-Path $folder 'gallery [2].html'
    }

    Context 'the page' {
        It 'is written into a folder that is made, and nothing to the pipeline' {
            $saved | Export-RunwareGallery $page | Should -BeNullOrEmpty

            Test-Path -LiteralPath $page | Should -BeTrue
            Get-ChildItem -LiteralPath $folder -Force | Should -HaveCount 1
        }

        It 'is a file that pipes on when passed through' {
            $file = $saved | Export-RunwareGallery $page -PassThru

            $file | Should -BeOfType IO.FileInfo
            $file.FullName | Should -Be $page
            $file.PSPath | Should -Not -BeNullOrEmpty
            ($file | Get-FileHash).Path | Should -Be $page
        }

        It 'counts from the location of the session' {
            $null = New-Item -ItemType Directory -Path $folder
            Push-Location -LiteralPath $folder
            try {
                $saved | Export-RunwareGallery ./here.html
                Get-ChildItem -Name | Should -Be 'here.html'
            }
            finally {
                Pop-Location
            }
        }

        It 'has a title' {
            $saved | Export-RunwareGallery $page -Title 'Trams & <boats>'
            Read-Page $page title | Should -Be 'Trams & <boats>'
        }

        It 'is written also where there is nothing to show' {
            @() | Export-RunwareGallery $page
            [IO.File]::ReadAllText($page) | Should -BeLike '*There is nothing to show.*'
        }

        It 'holds no key and no signature of an address' {
            $key = 'key-that-nobody-may-see-0123456789'
            try {
                Connect-Runware -ApiKey (ConvertTo-SecureString $key -AsPlainText -Force) -Endpoint $sandbox.Endpoint
                'a safe' | New-RunwareImage -WebhookUrl 'https://127.0.0.1:9/hook?token=abcdefghijk' -Async | Wait-RunwareTask | Export-RunwareGallery $page
            }
            finally {
                Connect-Runware -Endpoint $sandbox.Endpoint
            }

            $text = [IO.File]::ReadAllText($page)
            $text | Should -BeLike '*a safe*'
            $text | Should -Not -Match "$key|abcdefghijk|hook"
        }
    }

    Context 'what it shows' {
        It 'takes images and links their files relatively' {
            $saved | Export-RunwareGallery $page

            Read-Page $page | Should -Be 'a red tram', 'a blue boat'
            Get-Linked $page | Should -Be $saved.Path
            [IO.File]::ReadAllText($page) | Should -Not -Match ([regex]::Escape("$TestDrive"))
        }

        It 'takes images as an argument' {
            Export-RunwareGallery $page -InputObject $saved
            Read-Page $page | Should -HaveCount 2
        }

        It 'takes images, tasks and files that come back from <_>' -ForEach 'CLIXML', 'JSON' {
            $task = New-RunwareImage 'a loud market' -Count 3 -Async | Wait-RunwareTask
            $items = $saved[0], $task, (Get-Item -LiteralPath $saved[1].Path)
            $back = if ($_ -eq 'CLIXML') { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($items, 4)) }
            else { $items[0], $items[1] | ConvertTo-Json -Depth 4 | ConvertFrom-Json; [pscustomobject]@{ FullName = $saved[1].Path } }

            $back | Export-RunwareGallery $page -ErrorAction Stop

            Read-Page $page | Should -Be 'a red tram', 'a loud market', 'a loud market', 'a loud market', 'a blue boat'
            Read-Page $page 'p class="reason" dir="auto"' | Should -HaveCount 1
            Get-Linked $page | Should -Contain $saved[1].Path
            (Read-Page $page code)[0] | Should -Match " -Quality 'high' " -Because 'what the object lost is read out of the file'
        }

        It 'takes tasks, with the reasons of their failures' {
            New-RunwareImage 'a loud market' -Count 3 -Async | Wait-RunwareTask | Export-RunwareGallery $page

            Read-Page $page | Should -HaveCount 3
            Read-Page $page 'p class="reason" dir="auto"' | Should -Be 'The provider refused this content.'
            [IO.File]::ReadAllText($page) | Should -Match '<dt>Failures</dt><dd>1</dd>'
        }

        It 'shows the other pictures of a task where one is none' {
            $task = [pscustomobject]@{
                TaskUuid = [guid]::NewGuid(); Status = 'Succeeded'
                Image = @{ ImageBase64Data = 'AAAA' }, @{ ImageUrl = 'https://127.0.0.1/a.jpg'; Prompt = 'the other' }
            }
            $task | Export-RunwareGallery $page -ErrorAction SilentlyContinue -ErrorVariable failures

            @($failures).Count | Should -Be 1
            Read-Page $page | Should -Be 'the other'
        }

        It 'takes <Name>' -ForEach @(
            @{ Name = 'files'; Give = { Get-ChildItem -LiteralPath $pictures } }
            @{ Name = 'paths with brackets'; Give = { $saved.Path } }
            @{ Name = 'a pattern'; Give = { [WildcardPattern]::Escape($pictures) + [IO.Path]::DirectorySeparatorChar + '*.jpg' } }
            @{ Name = 'provenance'; Give = { Get-RunwareImageInfo -LiteralPath $saved.Path } }
            @{ Name = 'objects with a PSPath'; Give = { Get-ChildItem -LiteralPath $pictures | Select-Object PSPath } }
        ) {
            & $Give | Export-RunwareGallery $page -ErrorAction Stop

            Read-Page $page | Sort-Object | Should -Be 'a blue boat', 'a red tram'
            Get-Linked $page | Sort-Object | Should -Be ($saved.Path | Sort-Object)
            Read-Page $page code | ForEach-Object { $_ | Should -Match "^New-RunwareImage -Prompt '.+' -Model 'openai:1@1' -Width 1024 -Height 1024 -Quality 'high'" }
        }

        It 'shows a file that says nothing of its origin' {
            $file = New-RunwareImage 'a kite' | Save-RunwareImage -Path $folder -FileName plain -NoMetadata
            $file | Export-RunwareGallery $page

            Read-Page $page | Should -Be 'plain.jpg'
            Get-Linked $page | Should -Be $file.FullName
        }

        It 'tells of each thing that is no picture, and shows the others: <_>' -ForEach 'gone.jpg', 42, ([pscustomobject]@{ Name = 'x' }), ([pscustomobject]@{ ImageUrl = 'no address' }), ([pscustomobject]@{ FullName = 'gone.jpg' }) {
            $saved[0], $_, $saved[1] | Export-RunwareGallery $page -ErrorAction SilentlyContinue -ErrorVariable failures

            @($failures).Count | Should -Be 1
            Read-Page $page | Should -HaveCount 2
        }

        It 'makes no page where nothing of what was given can be shown' {
            $notes = New-Item (Join-Path $folder 'notes.txt') -Value 'x' -Force
            'gone.jpg', 'away.jpg', $notes | Export-RunwareGallery $page -ErrorAction SilentlyContinue -ErrorVariable failures

            @($failures).Count | Should -Be 3
            $page | Should -Not -Exist
        }

        It 'tells of a file that is no picture' {
            $notes = New-Item (Join-Path $folder 'notes.txt') -Value 'x' -Force
            $notes, (Get-Item -LiteralPath $saved[0].Path) | Export-RunwareGallery $page -ErrorAction SilentlyContinue -ErrorVariable failures

            $failures[0].FullyQualifiedErrorId | Should -BeLike 'ParameterUnreadable,*'
            "$($failures[0])" | Should -BeLike '*notes.txt*'
            Read-Page $page | Should -HaveCount 1
        }

        It 'links what was not saved to its address, and allows that host only' {
            $image = New-RunwareImage 'a kite'
            $image | Export-RunwareGallery $page

            $text = [IO.File]::ReadAllText($page)
            $text | Should -BeLike "*img-src $($image.ImageUrl.GetLeftPart('Authority'));*"
            $text | Should -BeLike '*1 result is linked to on the web*'
        }

        It 'never links to <_>' -ForEach 'javascript:alert(1)', 'file:///etc/passwd' {
            [pscustomobject]@{ ImageUrl = $_; Prompt = 'a trap' } | Export-RunwareGallery $page -WarningAction SilentlyContinue -WarningVariable warnings

            [IO.File]::ReadAllText($page) | Should -Not -Match '(href|src)="(javascript|file):'
            $warnings | Should -HaveCount 1
        }

        It 'warns once of data that was never saved' {
            'one', 'two' | New-RunwareImage -OutputType base64Data | Export-RunwareGallery $page -WarningAction SilentlyContinue -WarningVariable warnings

            $warnings | Should -HaveCount 1
            "$warnings" | Should -BeLike '2 result(s)*-Embed*'
            Read-Page $page | Should -HaveCount 2
        }
    }

    Context '-Embed' {
        It 'puts files, data and what lies on the web inside the page' {
            $data = New-RunwareImage 'data' -OutputType dataURI
            $web = New-RunwareImage 'web'
            $saved[0], $data, $web | Export-RunwareGallery $page -Embed -WarningVariable warnings

            $text = [IO.File]::ReadAllText($page)
            [regex]::Matches($text, ' src="data:image/jpeg;base64,').Count | Should -Be 3
            $text | Should -BeLike '*img-src data:;*'
            $text | Should -BeLike "*$([Convert]::ToBase64String([IO.File]::ReadAllBytes($saved[0].Path)))*"
            $warnings | Should -BeNullOrEmpty
            Get-ChildItem -LiteralPath $folder -Force | Should -HaveCount 1
        }

        It 'needs no connection' {
            Disconnect-Runware
            try {
                $saved | Export-RunwareGallery $page -Embed -ErrorAction Stop
            }
            finally {
                Connect-Runware -Endpoint $sandbox.Endpoint
            }
        }

        It 'stops at 50 MB, with one warning' {
            $null = New-Item -ItemType Directory -Path $folder
            $large = foreach ($i in 1..4) {
                $bytes = [byte[]]::new(20MB)
                [byte[]] $head = 0xFF, 0xD8, 0xFF, 0xE0
                $head.CopyTo($bytes, 0)
                $path = Join-Path $folder "$i.jpg"
                [IO.File]::WriteAllBytes($path, $bytes)
                $path
            }

            $large | Export-RunwareGallery $page -Embed -WarningAction SilentlyContinue -WarningVariable warnings

            $warnings | Should -HaveCount 1
            "$warnings" | Should -BeLike '2 result(s)*50 MB*'
            (Get-Item -LiteralPath $page).Length | Should -BeGreaterThan 53MB
            $end = [IO.File]::ReadAllText($page).Substring(50MB)
            $end | Should -Match ' src="3\.jpg"'
            $end | Should -Match ' src="4\.jpg"'
        }
    }

    Context 'a page that is there' {
        BeforeEach {
            $null = New-Item $page -Value 'mine' -Force
        }

        It 'stays, with an error' {
            { $saved | Export-RunwareGallery $page } | Should -Throw -ErrorId 'FileExists,*'
            { $saved | Export-RunwareGallery $page -Force:$false } | Should -Throw -ErrorId 'FileExists,*'
            [IO.File]::ReadAllText($page) | Should -Be 'mine'
            Get-ChildItem -LiteralPath $folder -Force | Should -HaveCount 1
        }

        It 'is replaced by force' {
            $saved | Export-RunwareGallery $page -Force
            Read-Page $page | Should -HaveCount 2
            Get-ChildItem -LiteralPath $folder -Force | Should -HaveCount 1
        }
    }

    Context 'what is not written' {
        It 'is anything under -WhatIf' {
            $saved | Export-RunwareGallery $page -WhatIf -PassThru | Should -BeNullOrEmpty
            Test-Path -LiteralPath $folder | Should -BeFalse
        }

        It 'is half a page, where the pipeline ends early' {
            { & { $saved[0]; throw 'enough' } | Export-RunwareGallery $page } | Should -Throw 'enough'
            Get-ChildItem -LiteralPath $folder -Force | Should -BeNullOrEmpty
        }

        It 'is a page with the name of <Name>' -ForEach @(
            @{ Name = 'a picture'; Path = { Join-Path $folder 'a.jpg' }; Id = 'ParameterOutOfRange' }
            @{ Name = 'a folder'; Path = { "$TestDrive" }; Id = 'ParameterOutOfRange' }
            @{ Name = 'a variable'; Path = { 'Variable:/page' }; Id = 'ParameterOutOfRange' }
            @{ Name = 'something under a file'; Path = { Join-Path $saved[0].Path 'page.html' }; Id = 'SaveFailed' }
        ) {
            { $saved | Export-RunwareGallery (& $Path) } | Should -Throw -ErrorId "$Id,*"
        }
    }

    Context 'the command that makes a picture again' {
        It 'binds as it was meant: <_>' -ForEach @(
            'it''s "one" text'
            "‘curly’ ‚quotes‛ and `“double`” `„ones`”"
            "two`nlines`tand a tab"
            "carriage`r`nreturn"
            'a $variable, a $(Remove-Item x), a `tick` and a #comment'
            "'; Remove-Item x; '"
            "’; Remove-Item x; ’"
            "<img src=x onerror='alert(1)'></script> &amp; ]]>"
            "an escape $([char] 27)[201~ and a turn $([char] 0x202E) of direction"
            '{0} %PATH% --% @splat 東京 🦊'
        ) {
            $before = $sandbox.Request.Count
            New-RunwareImage $_ -Size 1536x1024 -Quality low -Background opaque -OutputFormat PNG -Tag "it's" |
                Save-RunwareImage -Path $folder -FileName x -PassThru | Export-RunwareGallery $page

            $command = Read-Page $page code
            $errors = $null
            $script = [Management.Automation.Language.Parser]::ParseInput($command, [ref] $null, [ref] $errors)
            $errors | Should -BeNullOrEmpty
            $script.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true) | Should -HaveCount 1
            $again = & ([scriptblock]::Create($command)) -ErrorAction Stop

            $again.Prompt | Should -BeExactly $_
            $again.Tag | Should -BeExactly "it's"
            $first, $second = $sandbox.Request | Select-Object -Skip $before | Where-Object TaskType -EQ imageInference | ForEach-Object {
                $sent = $_.Body | ConvertFrom-Json
                $sent | Select-Object ($sent.PSObject.Properties.Name -ne 'taskUUID' | Sort-Object) | ConvertTo-Json -Depth 5
            }
            $second | Should -BeExactly $first -Because 'the same is asked for, under another id'
        }
    }
}
