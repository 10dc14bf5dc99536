# Every row of the GPT Image 1 page, through the real cmdlet: what goes over the wire is compared in full.

BeforeDiscovery {
    $page = Join-Path $PSScriptRoot '../../../shared/spec/openai-gpt-image-1.md'
    $hasPage = Test-Path -LiteralPath $page
    $examples = @()
    if ($hasPage) {
        $text = Get-Content -LiteralPath $page -Raw
        $blocks = [regex]::Matches($text, '(?s)### (?<title>[^\n]+) \((?<kind>[^\n]+)\)\n.*?\*\*Request\*\*:\s+```json\s+(?<request>.*?)```\s+\*\*Response\*\*:\s+```json\s+(?<response>.*?)```')
        $examples = @($blocks | ForEach-Object { @{ Title = $_.Groups['title'].Value; Request = $_.Groups['request'].Value; Response = $_.Groups['response'].Value } })
    }

    $rows = @(
        @{ Row = 'outputType'; Given = @{ OutputType = 'url' }; Wire = @{ outputType = 'URL' } }
        @{ Row = 'outputType base64Data'; Given = @{ OutputType = 'BASE64DATA' }; Wire = @{ outputType = 'base64Data' } }
        @{ Row = 'outputType dataURI'; Given = @{ OutputType = 'DataUri' }; Wire = @{ outputType = 'dataURI' } }
        @{ Row = 'outputFormat'; Given = @{ OutputFormat = 'png' }; Wire = @{ outputFormat = 'PNG' } }
        @{ Row = 'outputFormat JPG'; Given = @{ OutputFormat = 'JPG' }; Wire = @{ outputFormat = 'JPG' } }
        @{ Row = 'outputFormat WEBP'; Given = @{ OutputFormat = 'WebP' }; Wire = @{ outputFormat = 'WEBP' } }
        @{ Row = 'outputQuality, least'; Given = @{ OutputQuality = 20 }; Wire = @{ outputQuality = 20 } }
        @{ Row = 'outputQuality, most'; Given = @{ OutputQuality = 99 }; Wire = @{ outputQuality = 99 } }
        @{ Row = 'webhookURL'; Given = @{ WebhookUrl = 'https://hooks.example/runware?token=a1' }; Wire = @{ webhookURL = 'https://hooks.example/runware?token=a1' } }
        @{ Row = 'deliveryMethod'; Given = @{ Async = $true }; Wire = @{ deliveryMethod = 'async' } }
        @{ Row = 'uploadEndpoint'; Given = @{ UploadEndpoint = 'https://put.example/a.jpg?sig=b2' }; Wire = @{ uploadEndpoint = 'https://put.example/a.jpg?sig=b2' } }
        @{ Row = 'safety.checkContent'; Given = @{ CheckContent = $true }; Wire = @{ safety = @{ checkContent = $true } } }
        @{ Row = 'safety.mode'; Given = @{ SafetyMode = 'Fast' }; Wire = @{ safety = @{ mode = 'fast' } } }
        @{ Row = 'safety.mode none'; Given = @{ SafetyMode = 'none' }; Wire = @{ safety = @{ mode = 'none' } } }
        @{ Row = 'ttl'; Given = @{ TimeToLive = 60 }; Wire = @{ ttl = 60 } }
        @{ Row = 'ttl as a time span'; Given = @{ TimeToLive = [timespan]::FromHours(1) }; Wire = @{ ttl = 3600 } }
        @{ Row = 'includeCost'; Given = @{ NoCost = $true }; Wire = @{ includeCost = $null } }
        @{ Row = 'numberResults, least'; Given = @{ Count = 1 }; Wire = @{ numberResults = 1 } }
        @{ Row = 'numberResults, most'; Given = @{ Count = 20 }; Wire = @{ numberResults = 20 } }
        @{ Row = 'inputs.referenceImages'; Given = @{ ReferenceImage = 'https://pictures.example/a.png', '6f4f1f5e-7d5c-4c39-9b39-0a5a4f0e7a11' }
            Wire = @{ inputs = @{ referenceImages = @('https://pictures.example/a.png', '6f4f1f5e-7d5c-4c39-9b39-0a5a4f0e7a11') } } }
        @{ Row = 'model'; Given = @{ Model = 'openai-gpt-image-1' }; Wire = @{ model = 'openai:1@1' } }
        @{ Row = 'positivePrompt, longest'; Given = @{ Prompt = 'x' * 32000 }; Wire = @{ positivePrompt = 'x' * 32000 } }
        @{ Row = 'positivePrompt, shortest'; Given = @{ Prompt = 'x' }; Wire = @{ positivePrompt = 'x' } }
        @{ Row = 'width and height'; Given = @{ Width = 1536; Height = 1024 }; Wire = @{ width = 1536; height = 1024 } }
        @{ Row = 'width and height, portrait'; Given = @{ Size = 'Portrait' }; Wire = @{ width = 1024; height = 1536 } }
        @{ Row = 'width and height by size'; Given = @{ Size = '1536x1024' }; Wire = @{ width = 1536; height = 1024 } }
        @{ Row = 'background auto'; Given = @{ Background = 'auto' }; Wire = @{ providerSettings = @{ openai = @{ background = 'auto' } } } }
        @{ Row = 'background opaque'; Given = @{ Background = 'Opaque' }; Wire = @{ providerSettings = @{ openai = @{ background = 'opaque' } } } }
        @{ Row = 'background transparent'; Given = @{ Background = 'transparent'; OutputFormat = 'PNG' }; Wire = @{ outputFormat = 'PNG'; providerSettings = @{ openai = @{ background = 'transparent' } } } }
        foreach ($quality in 'auto', 'high', 'medium', 'low') {
            @{ Row = "quality $quality"; Given = @{ Quality = $quality.ToUpperInvariant() }; Wire = @{ providerSettings = @{ openai = @{ quality = $quality } } } }
        }
    )

    $refused = @(
        @{ What = 'width without height'; Given = @{ Width = 1024 }; Parameter = 'Height' }
        @{ What = 'a size the model does not make'; Given = @{ Width = 512; Height = 512 }; Parameter = 'Width' }
        @{ What = 'size and width'; Given = @{ Size = 'Square'; Width = 1024; Height = 1024 }; Parameter = 'Size'; Id = 'ParameterConflict' }
        @{ What = 'count 0'; Given = @{ Count = 0 }; Parameter = 'Count' }
        @{ What = 'count 21'; Given = @{ Count = 21 }; Parameter = 'Count' }
        @{ What = 'quality 19'; Given = @{ OutputQuality = 19 }; Parameter = 'OutputQuality' }
        @{ What = 'quality 100'; Given = @{ OutputQuality = 100 }; Parameter = 'OutputQuality' }
        @{ What = 'an unknown quality'; Given = @{ Quality = 'best' }; Parameter = 'Quality' }
        @{ What = 'an unknown format'; Given = @{ OutputFormat = 'TIFF' }; Parameter = 'OutputFormat' }
        @{ What = 'a prompt that is too long'; Given = @{ Prompt = 'x' * 32001 }; Parameter = 'Prompt' }
        @{ What = 'an empty prompt'; Given = @{ Prompt = '' }; Parameter = 'Prompt'; Id = 'PromptMissing' }
        @{ What = 'a time to live of 59 s'; Given = @{ TimeToLive = 59 }; Parameter = 'TimeToLive' }
        @{ What = 'a time to live with base64'; Given = @{ TimeToLive = 60; OutputType = 'base64Data' }; Parameter = 'TimeToLive' }
        @{ What = 'transparent as JPG'; Given = @{ Background = 'transparent'; OutputFormat = 'JPG' }; Parameter = 'OutputFormat'; Id = 'TransparencyNeedsAlpha' }
        @{ What = 'transparent as JPG by default'; Given = @{ Background = 'transparent' }; Parameter = 'OutputFormat'; Id = 'TransparencyNeedsAlpha' }
        @{ What = 'a negative prompt'; Given = @{ AdditionalParameter = @{ negativePrompt = 'rain' } }; Parameter = 'AdditionalParameter' }
        @{ What = 'an id among the additional keys'; Given = @{ AdditionalParameter = @{ taskUUID = '6f4f1f5e-7d5c-4c39-9b39-0a5a4f0e7a11' } }; Parameter = 'AdditionalParameter'; Id = 'ParameterConflict' }
        @{ What = 'a key given twice'; Given = @{ Count = 2; AdditionalParameter = @{ numberResults = 3 } }; Parameter = 'AdditionalParameter'; Id = 'ParameterConflict' }
        @{ What = 'an upload of two results'; Given = @{ Count = 2; UploadEndpoint = 'https://put.example/a' }; Parameter = 'UploadEndpoint'; Id = 'UploadEndpointNeedsSingleResult' }
        @{ What = 'a reference that is nothing'; Given = @{ ReferenceImage = 'no such file.png' }; Parameter = 'ReferenceImage'; Id = 'ReferenceImageNotFound' }
    )
}

BeforeAll {
    Import-Module $env:RUNWAREPS_MODULE

    function Start-Case {
        param([hashtable[]] $Fault = @())
        $script:sandbox = Start-RunwareSandbox -Fault $Fault
        Connect-Runware -Endpoint $sandbox.Endpoint
    }

    # The same JSON whatever the order of its keys.
    function ConvertTo-Canonical {
        param($Value)
        if ($Value -is [System.Collections.IDictionary]) {
            '{' + (@($Value.Keys | Sort-Object -CaseSensitive | ForEach-Object { "$(ConvertTo-Json $_):$(ConvertTo-Canonical $Value[$_])" }) -join ',') + '}'
        }
        elseif ($Value -is [System.Collections.IList]) { '[' + (@($Value | ForEach-Object { ConvertTo-Canonical $_ }) -join ',') + ']' }
        else { ConvertTo-Json $Value -Compress }
    }

    function Get-Sent {
        $sent = $sandbox.Request[-1].Body | ConvertFrom-Json -AsHashtable -NoEnumerate
        $sent.Count | Should -Be 1
        $sent[0]
    }
}

Describe 'GPT Image 1' {
    AfterEach {
        Disconnect-Runware
        if (Get-Variable sandbox -Scope Script -ErrorAction Ignore) { Stop-RunwareSandbox $sandbox }
    }

    Describe 'Request parameters of the page' {
        It '<Row>' -ForEach $rows {
            Start-Case
            $given = $Given
            if (-not $given.Contains('Prompt')) { $given.Prompt = 'a kettle on a blue stove' }
            $result = New-RunwareImage @given -ErrorAction Stop
            $result | Should -Not -BeNullOrEmpty

            $expected = @{ taskType = 'imageInference'; taskUUID = $result[0].TaskUuid.ToString(); model = 'openai:1@1'; positivePrompt = $given.Prompt; width = 1024; height = 1024; includeCost = $true }
            foreach ($key in $Wire.Keys) { if ($null -eq $Wire[$key]) { $expected.Remove($key) } else { $expected[$key] = $Wire[$key] } }
            $sent = $sandbox.Request.Where({ $_.TaskType -contains 'imageInference' })[-1].Body | ConvertFrom-Json -AsHashtable -NoEnumerate
            ConvertTo-Canonical $sent[0] | Should -BeExactly (ConvertTo-Canonical $expected)
        }

        It 'taskUUID: the given one' {
            Start-Case
            $id = [guid]::NewGuid()
            (New-RunwareImage 'a kettle' -TaskUuid $id).TaskUuid | Should -Be $id
            (Get-Sent).taskUUID | Should -BeExactly $id.ToString()
        }

        It 'the same by name, in the spelling of the API, from CSV and from JSON' {
            Start-Case
            $row = @{ positivePrompt = 'a kettle'; width = '1536'; height = '1024'; numberResults = '2'; outputFormat = 'png'; outputQuality = '80'; ttl = '90'; includeCost = 'true'; quality = 'low' }
            $null = [pscustomobject] $row | ConvertTo-Csv | ConvertFrom-Csv | New-RunwareImage -ErrorAction Stop
            $csv = Get-Sent
            $null = '{"positivePrompt":"a kettle","width":1536,"height":1024,"numberResults":2,"outputFormat":"PNG","outputQuality":80,"ttl":90,"includeCost":true,"providerSettings":{"openai":{"quality":"low"}}}' |
                ConvertFrom-Json | New-RunwareImage -ErrorAction Stop
            $json = Get-Sent
            $csv.Remove('taskUUID'); $json.Remove('taskUUID')
            ConvertTo-Canonical $csv | Should -BeExactly (ConvertTo-Canonical $json)
            $csv.width | Should -BeOfType [long]
        }
    }

    Describe 'What is refused before anything is sent' {
        It '<What>' -ForEach $refused {
            Start-Case
            $given = $Given
            if (-not $given.Contains('Prompt')) { $given.Prompt = 'a kettle' }
            New-RunwareImage @given -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike "$(if ($_.Contains('Id')) { $Id } else { 'ParameterOutOfRange' }),*"
            $errors[0].Exception.Parameter | Should -Be $Parameter
            $errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            $sandbox.Request.Count | Should -Be 0
        }

        It 'a cell that is no number' {
            Start-Case
            [pscustomobject]@{ Prompt = 'a kettle'; Width = 'abc'; Height = '1024' } | New-RunwareImage -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $sandbox.Request.Count | Should -Be 0
        }

        It 'nothing for a model outside the catalog' {
            Start-Case -Fault @{ Kind = 'Status'; StatusCode = 400; Body = '{"data":[],"errors":[{"code":"modelNotFound","message":"no such model"}]}' }
            New-RunwareImage 'a kettle' -Model 'somebody:7@1' -Width 333 -Height 77 -Quality best -AdditionalParameter @{ negativePrompt = 'rain'; 'settings.steps' = 4 } -ErrorVariable errors -ErrorAction SilentlyContinue
            $sent = Get-Sent
            $sent.providerSettings.somebody.quality | Should -BeExactly 'best'
            $sent.negativePrompt | Should -BeExactly 'rain'
            $sent.settings.steps | Should -Be 4
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'Runware.modelNotFound,*'
            $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*Get-RunwareModel*' -Because 'there are other models to try'
        }
    }

    Describe 'Response parameters of the page' {
        BeforeAll {
            function Receive-Reply {
                param([hashtable] $Item)
                $id = [guid]::NewGuid()
                $data = @{ taskType = 'imageInference'; taskUUID = $id.ToString(); imageUUID = '0a7ad3f2-8c5b-4c0e-9d9a-2f64b1b7f0cd'; imageURL = 'https://im.example/a.jpg' } + $Item
                Start-Case -Fault @{ Kind = 'Status'; StatusCode = 200; Body = (@{ data = @($data) } | ConvertTo-Json -Depth 5 -Compress) }
                New-RunwareImage 'a kettle' -TaskUuid $id -ErrorAction Stop
            }
        }

        It 'taskUUID, imageUUID, imageURL; the rest is absent and null' {
            $image = Receive-Reply @{}
            $image.ImageUuid | Should -Be ([guid] '0a7ad3f2-8c5b-4c0e-9d9a-2f64b1b7f0cd')
            $image.ImageUrl | Should -Be ([uri] 'https://im.example/a.jpg')
            $image.Seed, $image.NsfwContent, $image.Cost, $image.ImageBase64Data, $image.ImageDataUri | ForEach-Object { $_ | Should -BeNullOrEmpty }
        }

        It '<Field>' -ForEach @(
            @{ Field = 'seed'; Value = 9007199254740993; Property = 'Seed' }
            @{ Field = 'NSFWContent'; Value = $true; Property = 'NsfwContent' }
            @{ Field = 'cost'; Value = 0.25; Property = 'Cost' }
        ) {
            (Receive-Reply @{ $Field = $Value }).$Property | Should -Be $Value
        }

        It 'cost 0 is unknown, never free' {
            (Receive-Reply @{ cost = 0 }).Cost | Should -BeNullOrEmpty
        }

        It 'keeps what it does not know' {
            (Receive-Reply @{ hue = @{ main = 'teal' } }).AdditionalData.hue.main | Should -Be 'teal'
        }

        It 'imageBase64Data and imageDataURI' {
            Start-Case
            $base64 = New-RunwareImage 'a kettle' -OutputType base64Data
            $uri = New-RunwareImage 'a kettle' -OutputType dataURI -OutputFormat PNG
            $base64.ImageUrl, $base64.ImageDataUri, $uri.ImageUrl, $uri.ImageBase64Data | ForEach-Object { $_ | Should -BeNullOrEmpty }
            [convert]::FromBase64String($base64.ImageBase64Data)[0..2] | Should -Be 0xFF, 0xD8, 0xFF
            $uri.ImageDataUri | Should -BeLike 'data:image/png;base64,iVBORw0KGgo*'
        }
    }

    Describe 'The examples of the page' {
        It '<Title>: the request goes over the wire as the page has it, the response is understood' -ForEach $examples {
            $wanted = $Request | ConvertFrom-Json -AsHashtable
            Start-Case -Fault @{ Kind = 'Status'; StatusCode = 200; Times = 1; Body = "{`"data`":[$Response]}" }
            $image = $Request | ConvertFrom-Json | New-RunwareImage -TaskUuid $wanted.taskUUID -ErrorAction Stop
            $sent = Get-Sent
            $sent.includeCost | Should -BeTrue
            $sent.Remove('includeCost')
            ConvertTo-Canonical $sent | Should -BeExactly (ConvertTo-Canonical $wanted)

            $reply = $Response | ConvertFrom-Json
            $image.Cost | Should -Be 0.25
            $image.Seed | Should -BeNullOrEmpty
            $image.ImageUuid | Should -Be ([guid] $reply.imageUUID)
            $image.ImageUrl | Should -Be ([uri] $reply.imageURL)
        }

        It '<Title>: piped in unchanged, it makes and saves a picture of 1536x1024' -ForEach $examples {
            Start-Case
            $file = $Request | ConvertFrom-Json | New-RunwareImage -OutputFormat PNG -ErrorAction Stop | Save-RunwareImage -Path $TestDrive
            $header = Get-Content -LiteralPath $file.FullName -AsByteStream -TotalCount 24
            $width = [System.Buffers.Binary.BinaryPrimitives]::ReadInt32BigEndian([byte[]] $header[16..19])
            $height = [System.Buffers.Binary.BinaryPrimitives]::ReadInt32BigEndian([byte[]] $header[20..23])
            "$width x $height" | Should -Be '1536 x 1024'
        }

        It 'all four were there to be read' -Skip:(-not $hasPage) -ForEach @{ Found = $examples.Count } {
            $Found | Should -Be 4
        }
    }

    Describe 'A prompt that is refused' {
        It 'costs no other its picture' {
            Start-Case -Fault @{ Kind = 'Refusal'; Match = 'second' }
            $images = 'first', 'second', 'third' | New-RunwareImage -ErrorVariable errors -ErrorAction SilentlyContinue
            $images.Prompt | Sort-Object | Should -Be 'first', 'third'
            $errors.Count | Should -Be 1
            $errors[0].TargetObject.InputIndex | Should -Be 1
        }

        It 'ends the pipeline there with -ThrottleLimit 1 -ErrorAction Stop' {
            Start-Case -Fault @{ Kind = 'Refusal'; Match = 'second' }
            { 'first', 'second', 'third' | New-RunwareImage -ThrottleLimit 1 -ErrorAction Stop } | Should -Throw
            $sandbox.Request.Count | Should -Be 2
        }

        It 'keeps the good results of the same request' {
            Start-Case -Fault @{ Kind = 'PartialFailure' }
            $images = New-RunwareImage 'three of them' -Count 3 -ErrorVariable errors -ErrorAction SilentlyContinue
            $images.Count | Should -Be 2
            $errors.Count | Should -Be 1
        }
    }

    Describe 'Price forecast' {
        It '<Size> <Quality> × <Count>: <Says>' -ForEach @(
            @{ Size = 'Square'; Quality = 'high'; Count = 1; Says = 'estimated USD 0.167)' }
            @{ Size = 'Landscape'; Quality = 'high'; Count = 1; Says = 'estimated USD 0.25)' }
            @{ Size = 'Landscape'; Quality = 'high'; Count = 4; Says = 'estimated USD 1)' }
            @{ Size = 'Landscape'; Quality = 'auto'; Count = 1; Says = 'price unknown, at most 0.25 USD)' }
            @{ Size = 'Square'; Quality = 'low'; Count = 2; Says = 'price unknown, at most 0.334 USD)' }
        ) {
            Start-Case
            Start-Transcript -LiteralPath (Join-Path $TestDrive 'whatif.txt') -UseMinimalHeader | Out-Null
            try { New-RunwareImage 'a kettle' -Size $Size -Quality $Quality -Count $Count -WhatIf } finally { Stop-Transcript | Out-Null }
            Get-Content -LiteralPath (Join-Path $TestDrive 'whatif.txt') -Raw | Should -BeLike "*$Says*"
            $sandbox.Request.Count | Should -Be 0
        }

        It 'is unknown where the data is silent' {
            (Get-RunwareModel openai:1@2).Price | Should -BeNullOrEmpty
            $prices = (Get-RunwareModel openai:1@1).Price
            ($prices | Where-Object { $_.Size -eq '1024x1024' -and $_.Quality -eq 'high' }).Usd | Should -Be 0.167
            ($prices | Where-Object { $_.Size -eq '1536x1024' -and $_.Quality -eq 'high' }).Usd | Should -Be 0.25
            $prices | ForEach-Object { $_.Source, $_.Date | Should -Not -BeNullOrEmpty }
        }
    }
}
