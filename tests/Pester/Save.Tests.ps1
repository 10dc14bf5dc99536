# Save-RunwareImage as a script uses it. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    Import-Module $module -ErrorAction Stop
    Connect-Runware -Sandbox
    $script:image = New-RunwareImage 'a teapot: one/two [3]' -Tag 'kitchen/pots'
    $script:other = New-RunwareImage 'a bucket'
}

AfterAll {
    Disconnect-Runware
}

Describe 'Save-RunwareImage' {
    BeforeEach {
        $script:folder = Join-Path $TestDrive ([guid]::NewGuid())
    }

    Context 'the file' {
        It 'is written into a folder that is made, under task and index' {
            $file = $image | Save-RunwareImage -Path $folder

            $file | Should -BeOfType IO.FileInfo
            $file.FullName | Should -Be (Join-Path $folder "$($image.TaskUuid)-0.jpg")
        }

        It 'pipes on to the cmdlets for files' {
            $file = $image | Save-RunwareImage -Path $folder -FileName '[teapot]'

            $file.PSPath | Should -Not -BeNullOrEmpty
            ($file | Get-FileHash).Path | Should -Be $file.FullName
            $file | Remove-Item
            Get-ChildItem -LiteralPath $folder | Should -BeNullOrEmpty
        }

        It 'is the image with its path when passed through' {
            $saved = $image | Save-RunwareImage -Path $folder -PassThru

            $saved | Should -BeOfType RunwarePS.RunwareImage
            Test-Path -LiteralPath $saved.Path | Should -BeTrue
        }

        It 'takes images as an argument too' {
            Save-RunwareImage -Path $folder -InputObject $image, $other | Should -HaveCount 2
        }

        It 'leaves no temporary file beside it' {
            $image, $other | Save-RunwareImage -Path $folder | Out-Null
            Get-ChildItem -LiteralPath $folder -Force | Should -HaveCount 2
        }
    }

    Context 'a task without pictures' {
        It 'says why, and costs the next one nothing: <Status>' -ForEach @(
            @{ Status = 'Failed'; Says = '*(a dam)*It broke.*'; Failure = @{ Code = 'providerError'; Message = 'It broke.' } }
            @{ Status = 'Submitted'; Says = '*(a dam)*hasn''t ended*Receive-RunwareTask * -Wait*'; Failure = @() }
        ) {
            $task = [RunwarePS.RunwareTask]@{ TaskUuid = [guid]::NewGuid(); Status = $Status; Prompt = 'a dam'; Failure = $Failure | ForEach-Object { [RunwarePS.RunwareFailure]$_ } }
            $copy = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($task, 4))

            $files = $task, $copy, $image | Save-RunwareImage -Path $folder -ErrorAction SilentlyContinue -ErrorVariable failures

            $files | Should -HaveCount 1
            $failures | Should -HaveCount 2
            $failures | ForEach-Object { "$_" | Should -BeLike $Says }
        }
    }

    Context 'a file that is there' {
        It 'stays, with an error, where it is another picture' {
            $file = $image | Save-RunwareImage -Path $folder -FileName teapot
            $before = $file | Get-FileHash

            $second = $other | Save-RunwareImage -Path $folder -FileName teapot -ErrorAction SilentlyContinue -ErrorVariable failures

            $second | Should -BeNullOrEmpty
            $failures[0].FullyQualifiedErrorId | Should -BeLike 'FileExists,*'
            $failures[0].CategoryInfo.Category | Should -Be 'ResourceExists'
            $failures[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Force*'
            ($file | Get-FileHash).Hash | Should -Be $before.Hash
            Get-ChildItem -LiteralPath $folder -Force | Should -HaveCount 1
        }

        It 'counts as saved where it is this very picture' {
            $file = $image | Save-RunwareImage -Path $folder -FileName teapot
            $written = $file.LastWriteTimeUtc

            $again = $image | Save-RunwareImage -Path $folder -FileName teapot -ErrorAction Stop

            $again.FullName | Should -Be $file.FullName
            $again.LastWriteTimeUtc | Should -Be $written
        }

        It 'is replaced by force' {
            $file = $image | Save-RunwareImage -Path $folder -FileName teapot
            $before = ($file | Get-FileHash).Hash

            $other | Save-RunwareImage -Path $folder -FileName teapot -Force | Should -HaveCount 1

            ($file | Get-FileHash).Hash | Should -Not -Be $before
        }

        It 'is not replaced by -Force:$false' {
            $image | Save-RunwareImage -Path $folder -FileName teapot | Out-Null
            { $other | Save-RunwareImage -Path $folder -FileName teapot -Force:$false -ErrorAction Stop } | Should -Throw -ErrorId 'FileExists,*'
        }

        It 'is never the second picture of a pipeline' {
            $saved = $image, $other | Save-RunwareImage -Path $folder -FileName same -ErrorAction SilentlyContinue -ErrorVariable failures

            @($saved).Count | Should -Be 1
            $failures.Count | Should -Be 1
        }
    }

    Context 'its name' {
        It 'fills <Template> in' -ForEach @(
            @{ Template = '{TaskUuid}'; Expected = '^[0-9a-f-]{36}\.jpg$' }
            @{ Template = '{ImageUuid}'; Expected = '^[0-9a-f-]{36}\.jpg$' }
            @{ Template = '{InputIndex}-{Index}'; Expected = '^0-0\.jpg$' }
            @{ Template = '{Prompt}'; Expected = '^a teapot one two \[3\]\.jpg$' }
            @{ Template = '{Width}x{Height}'; Expected = '^1024x1024\.jpg$' }
            @{ Template = 'draft {Model}'; Expected = '^draft openai.1@1\.jpg$' }
            @{ Template = '{Date:yyyyMMdd}'; Expected = '^\d{8}\.jpg$' }
            @{ Template = '{tag}'; Expected = '^kitchen.pots\.jpg$' }
            @{ Template = 'teapot.png'; Expected = '^teapot\.jpg$' }
            @{ Template = 'con'; Expected = '^_con\.jpg$' }
        ) {
            ($image | Save-RunwareImage -Path $folder -FileName $Template).Name | Should -MatchExactly $Expected
        }

        It 'makes folders of its own slashes, and none of those in values' {
            $file = $image | Save-RunwareImage -Path $folder -FileName '{Width}/{Tag}/teapot'

            [IO.Path]::GetRelativePath($folder, $file.FullName).Replace('\', '/') | Should -MatchExactly '^1024/kitchen.pots/teapot\.jpg$'
        }

        It 'may not leave the folder: <_>' -ForEach '../teapot', 'a/../../teapot', '/teapot', '\teapot', 'C:\teapot', 'C:teapot', 'a//b', '..', '.' {
            { $image | Save-RunwareImage -Path $folder -FileName $_ } | Should -Throw -ErrorId 'FileNameNotPlain,*'
            Get-ChildItem -LiteralPath $TestDrive -Recurse -Filter 'teapot*' | Where-Object FullName -Like "$folder*" | Should -BeNullOrEmpty
        }

        It 'may not hold a token that is none' {
            $failure = { $image | Save-RunwareImage -Path $folder -FileName '{Promt}' } | Should -Throw -ErrorId 'ParameterOutOfRange,*' -PassThru
            "$failure" | Should -BeLike '*{Prompt}*'
        }

        It 'is cut to a length that every file system takes' {
            $long = New-RunwareImage ("$([char] 0xE4) long prompt " * 200)
            $file = $long | Save-RunwareImage -Path $folder -FileName '{Prompt}'
            [Text.Encoding]::UTF8.GetByteCount($file.Name) | Should -BeLessOrEqual 255
        }
    }

    Context 'its folder' {
        It 'may not look like a picture: <_>' -ForEach 'teapot.png', 'teapot.JPG', 'sub/teapot.webp' {
            $failure = { $image | Save-RunwareImage -Path (Join-Path $TestDrive $_) } | Should -Throw -ErrorId 'PathLooksLikeFile,*' -PassThru
            "$failure $($failure.ErrorDetails.RecommendedAction)" | Should -BeLike '*-FileName*'
        }

        It 'is the current one unless told' {
            $null = New-Item -ItemType Directory -Path $folder
            Push-Location -LiteralPath $folder
            try {
                ($image | Save-RunwareImage).DirectoryName | Should -Be $folder
            }
            finally {
                Pop-Location
            }
        }

        It 'may be given by a PowerShell drive' {
            ($image | Save-RunwareImage -Path 'TestDrive:/by drive').Name | Should -Be "$($image.TaskUuid)-0.jpg"
            Get-ChildItem -LiteralPath 'TestDrive:/by drive' | Should -HaveCount 1
        }

        It 'lies in the file system' {
            { $image | Save-RunwareImage -Path 'Variable:/teapots' } | Should -Throw -ErrorId 'ParameterOutOfRange,*'
        }
    }
}
