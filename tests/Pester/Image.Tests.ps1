# New-RunwareImage as a script uses it. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    Import-Module $module -ErrorAction Stop

    function Get-Sent {
        $script:sandbox.Request | Where-Object TaskType -EQ imageInference | ForEach-Object { $_.Body | ConvertFrom-Json }
    }
}

Describe 'New-RunwareImage' {
    BeforeEach {
        $script:sandbox = Start-RunwareSandbox
        Connect-Runware -Endpoint $sandbox.Endpoint
    }

    AfterEach {
        Disconnect-Runware
        Stop-RunwareSandbox
    }

    Context 'One prompt' {
        It 'gives one image that knows where it came from' {
            $image = New-RunwareImage 'a teapot on a window sill' -Size Landscape -Quality high -Tag kitchen

            $image | Should -BeOfType RunwarePS.RunwareImage
            $image.Prompt | Should -Be 'a teapot on a window sill'
            "$($image.Width)x$($image.Height)" | Should -Be '1536x1024'
            $image.Model | Should -Be 'openai:1@1'
            $image.OutputFormat | Should -Be 'JPG'
            $image.Cost | Should -Be 0.25
            $image.Tag | Should -Be 'kitchen'
            $image.Index | Should -Be 0
            $image.InputIndex | Should -Be 0
            $image.ImageUrl.IsAbsoluteUri | Should -BeTrue
            $image.TaskUuid | Should -Be $sandbox.Request[0].TaskUuid
            $image.CreatedAt.Kind | Should -Be 'Utc'
        }

        It 'gives as many images as were asked for' {
            $images = New-RunwareImage 'a teapot' -Count 4

            $images.Count | Should -Be 4
            $images.Index | Should -Be 0, 1, 2, 3
            ($images.ImageUuid | Sort-Object -Unique).Count | Should -Be 4
            ($images.TaskUuid | Sort-Object -Unique).Count | Should -Be 1
        }

        It 'comes as <Type> when asked for' -ForEach @(
            @{ Type = 'URL'; Property = 'ImageUrl'; Other = 'ImageBase64Data', 'ImageDataUri' }
            @{ Type = 'base64Data'; Property = 'ImageBase64Data'; Other = 'ImageUrl', 'ImageDataUri' }
            @{ Type = 'dataURI'; Property = 'ImageDataUri'; Other = 'ImageUrl', 'ImageBase64Data' }
        ) {
            $image = New-RunwareImage 'a teapot' -OutputType $Type
            $image.$Property | Should -Not -BeNullOrEmpty
            $Other | ForEach-Object { $image.$_ | Should -BeNullOrEmpty }
        }
    }

    Context 'Formats' {
        It '<Format> by <Type> is saved as <Extension> and really is one' -ForEach @(
            foreach ($type in 'URL', 'base64Data', 'dataURI') {
                @{ Type = $type; Format = 'JPG'; Extension = '.jpg'; Head = 'FFD8FF' }
                @{ Type = $type; Format = 'PNG'; Extension = '.png'; Head = '89504E470D0A1A0A' }
                @{ Type = $type; Format = 'WEBP'; Extension = '.webp'; Head = '52494646' }
            }
        ) {
            $file = New-RunwareImage 'a teapot' -OutputType $Type -OutputFormat $Format | Save-RunwareImage -Path (Join-Path $TestDrive ([guid]::NewGuid()))

            $file.Extension | Should -Be $Extension
            [Convert]::ToHexString([IO.File]::ReadAllBytes($file.FullName)) | Should -Match "^$Head"
        }
    }

    Context 'Rows' {
        It 'takes a file of CSV with empty cells' {
            $csv = Join-Path $TestDrive 'rows.csv'
            @'
Prompt,Size,Count,Quality,OutputFormat,Tag
a teapot,Landscape,2,high,PNG,kitchen
a bucket,,,,,
'@ | Set-Content -LiteralPath $csv

            $images = Import-Csv -LiteralPath $csv | New-RunwareImage

            $images.Count | Should -Be 3
            ($images | Where-Object Tag -EQ kitchen).Count | Should -Be 2
            $bucket = $images | Where-Object Prompt -EQ 'a bucket'
            "$($bucket.Width)x$($bucket.Height) $($bucket.OutputFormat) $($bucket.InputIndex)" | Should -Be '1024x1024 JPG 1'
        }

        It 'buys nothing for a row that cannot be read, and goes on' {
            $csv = Join-Path $TestDrive 'wrong.csv'
            'Prompt,Width,Height', 'a teapot,1024,1024', 'a bucket,wide,1024', 'a broom,1024,1024' | Set-Content -LiteralPath $csv

            $images = Import-Csv -LiteralPath $csv | New-RunwareImage -ErrorAction SilentlyContinue -ErrorVariable failures

            $images.Prompt | Sort-Object | Should -Be 'a broom', 'a teapot'
            $failures.Count | Should -Be 1
            "$($failures[0])" | Should -BeLike '*Width*wide*'
            (Get-Sent).positivePrompt | Should -Not -Contain 'a bucket'
        }

        It 'takes JSON in the spelling of the API' {
            $images = @'
[
  { "positivePrompt": "a teapot", "width": 1536, "height": 1024, "numberResults": 2, "outputFormat": "PNG", "outputType": "URL", "model": "openai:1@1" },
  { "positivePrompt": "a bucket", "width": 1024, "height": 1024, "includeCost": false }
]
'@ | ConvertFrom-Json | New-RunwareImage -ThrottleLimit 1

            $images.Count | Should -Be 3
            $sent = @(Get-Sent)
            $sent[0].numberResults | Should -Be 2
            $sent[0].width | Should -BeOfType long
            $sent[0].includeCost | Should -BeTrue
            $sent[1].PSObject.Properties.Name | Should -Not -Contain 'includeCost'
            ($images | Where-Object Prompt -EQ 'a bucket').Cost | Should -BeNullOrEmpty
        }

        It 'takes the default of a preference for every record' {
            $PSDefaultParameterValues = @{ 'New-RunwareImage:OutputFormat' = 'WEBP' }
            'a teapot', 'a bucket' | New-RunwareImage | ForEach-Object OutputFormat | Should -Be 'WEBP', 'WEBP'
            $PSDefaultParameterValues.Count | Should -Be 1
        }
    }

    Context 'What if' {
        BeforeAll {
            function Get-WhatIf([scriptblock] $Script) {
                $transcript = Join-Path $TestDrive "$([guid]::NewGuid()).txt"
                Start-Transcript -LiteralPath $transcript | Out-Null
                try {
                    & $Script | Out-Null
                }
                finally {
                    Stop-Transcript | Out-Null
                }
                (Get-Content -LiteralPath $transcript | Where-Object { $_ -like 'What if*' }) -join "`n"
            }
        }

        It 'says model, size, count and a price that is known, and sends nothing' {
            $said = Get-WhatIf { New-RunwareImage 'a teapot' -Size Landscape -Quality high -Count 2 -WhatIf }

            foreach ($part in 'openai:1@1', '1536x1024', '2', '0.5', 'a teapot') {
                $said | Should -BeLike "*$part*"
            }
            @($sandbox.Request).Count | Should -Be 0
        }

        It 'says at most what where the price depends' {
            Get-WhatIf { New-RunwareImage 'a teapot' -Size Landscape -WhatIf } | Should -BeLike '*unknown, at most 0.25*'
        }

        It 'says unknown where nobody knows' {
            $said = Get-WhatIf { New-RunwareImage 'a teapot' -Model 'nobody:9@9' -WhatIf }
            $said | Should -BeLike '*unknown*'
            $said | Should -Not -BeLike '*at most*'
        }

        It 'speaks of each record' {
            @((Get-WhatIf { 'a teapot', 'a bucket', 'a broom' | New-RunwareImage -WhatIf }) -split "`n").Count | Should -Be 3
        }
    }

    Context 'Errors in a script' {
        It 'can be caught by type and by id' {
            try {
                New-RunwareImage 'a teapot' -Width 7 -Height 7 -ErrorAction Stop
                throw 'nothing was thrown'
            }
            catch [RunwarePS.RunwareException] {
                $_.FullyQualifiedErrorId | Should -BeLike 'ParameterOutOfRange,*'
                $_.Exception.Code | Should -Be 'ParameterOutOfRange'
                $_.Exception.Parameter | Should -Be 'Width'
                $_.TargetObject.InputIndex | Should -Be 0
                $_.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            }
        }
    }
}
