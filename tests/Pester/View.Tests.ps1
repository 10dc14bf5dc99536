# What a terminal of 80 columns shows. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeAll {
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    Import-Module $module -ErrorAction Stop
    Set-StrictMode -Version Latest
    $PSStyle.OutputRendering = 'PlainText'

    $script:sandbox = Start-RunwareSandbox -Fault @{ Kind = 'PartialFailure'; Match = 'half' }
    Connect-Runware -Endpoint $sandbox.Endpoint
    $script:prompt = 'an old teapot with a very long spout on a very long table in a very long room ' * 3
    $script:images = @(
        New-RunwareImage $prompt -Quality high -Count 2
        New-RunwareImage 'a bucket' -OutputType base64Data -NoCost
        New-RunwareImage 'a broom' -OutputType dataURI
    )
    $script:back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($images))
    $half = New-RunwareImage 'half a broom' -Count 2 -ErrorAction Ignore
    $script:tasks = @($images[0], $half, $images[2]) | Get-RunwareTask

    function Get-Line([object[]] $Object) {
        ($Object | Out-String -Width 80).TrimEnd() -split '\r?\n' | Where-Object { $_.Trim() }
    }
}

AfterAll {
    Disconnect-Runware
    Stop-RunwareSandbox
    Set-StrictMode -Off
}

Describe 'The default view of <Name>' -ForEach @(
    @{ Name = 'images'; Header = '#', 'Size', 'Cost', 'Prompt', 'Where'; Get = { $images } }
    @{ Name = 'images from a job'; Header = '#', 'Size', 'Cost', 'Prompt', 'Where'; Get = { $back } }
    @{ Name = 'tasks'; Header = 'TaskUuid', 'Status', 'Cost', 'Prompt'; Get = { $tasks } }
    @{ Name = 'videos'; Header = '#', 'Cost', 'Prompt', 'Where'; Get = { Invoke-RunwareTask videoInference a:1@1 -Parameter @{ positivePrompt = $prompt } } }
    @{ Name = 'found models'; Header = 'Model', 'Category', 'Architecture', 'Name'; Get = { Find-RunwareModel style -First 3 } }
    @{ Name = 'usage'; Header = 'Group', 'Count', 'Spend', 'Avg s', '4xx', '5xx'; Get = { Get-RunwareUsage -GroupBy model } }
    @{ Name = 'stored media'; Header = 'Uuid', 'Where'; Get = { Send-RunwareMedia -Url https://a.example/a-very-long-name-of-a-film-that-does-not-fit.mp4 } }
    @{ Name = 'other results'; Header = '#', 'TaskType', 'Cost', 'Data'; Get = { Invoke-RunwareTask accountManagement -Parameter @{ operation = 'getDetails' } } }
    @{ Name = 'a connection'; Header = 'Endpoint', 'Key', 'Scope', 'TimeoutSec'; Get = { Get-RunwareConnection } }
    @{ Name = 'a sandbox'; Header = 'Endpoint', 'Running', 'Requests', 'Generations'; Get = { $sandbox } }
    @{ Name = 'a test'; Header = 'Endpoint', 'LatencyMs', 'Balance'; Get = { Test-RunwareConnection } }
    @{ Name = 'models'; Header = 'Model', 'Name', 'Status', 'Price (USD)'; Get = { Get-RunwareModel } }
    @{ Name = 'failures'; Header = 'Code', 'Category', 'Message'; Get = { $tasks.Failure } }
    @{ Name = 'spending'; Header = 'At (UTC)', 'Cost', 'Results', 'Model', 'Tag'; Get = { Get-RunwareSpend } }
) {
    BeforeAll {
        $script:objects = @(& $Get)
        $script:lines = @(Get-Line $objects)
    }

    It 'is a table with all its columns' {
        foreach ($label in $Header) {
            $lines[0] | Should -BeLike "*$label*"
        }
    }

    It 'has one line for each object, none longer than 80' {
        $lines.Count | Should -Be (2 + $objects.Count)
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
    }

    It 'shows no error in any cell, and no picture data' {
        $objects | Format-Table -ShowError | Out-String -Width 80 | Should -Not -Match '#ERR|[A-Za-z0-9+/]{60}|base64,'
    }
}

Describe 'Other views' {
    It '<Format> shows no picture data' -ForEach @(
        @{ Format = 'Format-List'; Show = { $images, $back | ForEach-Object { $_ } | Format-List } }
        @{ Format = 'Format-Wide'; Show = { $images | Format-Wide } }
        @{ Format = 'Format-List of tasks'; Show = { $tasks | Format-List } }
    ) {
        & $Show | Out-String -Width 200 | Should -Not -Match '[A-Za-z0-9+/]{100}|base64,'
    }

    It 'a list of a task says what a table leaves out' {
        $list = $tasks | Where-Object Status -EQ PartiallySucceeded | Format-List | Out-String -Width 400
        $list | Should -Match '(?m)^Failure\s+: .*invalidProviderContent: '
        foreach ($label in 'Prompt', 'Model', 'Expected', 'Image', 'Submitted \(UTC\)') {
            $list | Should -Match "(?m)^$label\s+: ."
        }
    }

    It 'a text is shown in full, and pieces of it without a blank line between them' {
        $text = New-RunwareText $prompt -Model deepseek:v4@flash
        ($text | Out-String -Width 400) | Should -Match ([regex]::Escape($prompt.Trim()))
        ($text | Format-Table | Out-String -Width 80) -split '\r?\n' | Where-Object { $_.Length -gt 80 } | Should -BeNullOrEmpty
        $pieces = 'one', 'two' | ForEach-Object { [RunwarePS.RunwareTextDelta]@{ Text = $_ } }
        ($pieces | Out-String).Trim() -replace '\r' | Should -Be "one`ntwo"
    }

    It 'a list says what a table leaves out' {
        $list = $images[0] | Format-List | Out-String -Width 400
        foreach ($label in 'Prompt', 'Model', 'OutputFormat', 'ImageUrl', 'TaskUuid', 'ImageUuid', 'Tag', 'Created \(UTC\)') {
            $list | Should -Match "(?m)^$label\s+:"
        }
    }
}

Describe 'Cells' {
    It 'show a price with a point, and say unknown where it is' {
        $lines = Get-Line $images
        $lines[2] | Should -Match '1024x1024\s+0\.167 '
        $lines[4] | Should -Match '1024x1024\s+unknown '
    }

    It 'show where a picture is: on the net, in memory, in a file' {
        $lines = Get-Line $images
        $lines[2] | Should -Match 'http'
        $lines[4] | Should -Match 'in memory'
        Get-Line ($images[0] | Save-RunwareImage -Path $TestDrive -PassThru) | Select-Object -Last 1 | Should -Match ([regex]::Escape("$TestDrive".Substring(0, 5)))
    }

    It 'say how a task ended, and what it was' {
        Get-Line ($tasks | Where-Object Status -EQ PartiallySucceeded) | Select-Object -Last 1 | Should -Match 'PartiallySucc…\s+\S+\s+half a broom$'
    }

    It 'cut a long prompt' {
        (Get-Line $images)[2] | Should -Match 'an old teapot.*\u2026'
    }
}

Describe 'What would speak to the terminal' {
    BeforeAll {
        $PSStyle.OutputRendering = 'Ansi' # as plain text the engine itself takes sequences out
        $script:speaks = '\x1B\[31m(?=red)|[\x07\u202E]'
        $script:hostile = "one `e[31mred`e[0m`ntwo`a $([char] 0x202E)end"
        $script:odd = @(
            New-RunwareImage $hostile -Tag $hostile
            New-RunwareImage ([string]::new([char] 0x96FB, 60)) -OutputType base64Data
            New-RunwareImage ([char]::ConvertFromUtf32(0x1F68B) * 40) -OutputType base64Data
        )
        $file = $odd[0] | Save-RunwareImage -Path $TestDrive -FileName odd
        $failure = [RunwarePS.RunwareFailure]@{ Code = 'providerError'; Category = 'Provider'; Message = $hostile }
        $script:shown = @{
            images    = $odd
            tasks     = $odd | Get-RunwareTask
            failed    = [RunwarePS.RunwareTask]@{ Status = 'Failed'; Prompt = $hostile; Tag = $hostile; Failure = $failure }
            failures  = $failure
            spending  = Get-RunwareSpend
            info      = Get-RunwareImageInfo $file
        }
    }

    AfterAll {
        $PSStyle.OutputRendering = 'PlainText'
    }

    It 'is not in the table of <_>' -ForEach 'images', 'tasks', 'failed', 'failures', 'spending', 'info' {
        $shown.$_ | Out-String -Width 80 | Should -Not -Match $speaks
    }

    It 'is not in the list of <_>' -ForEach 'images', 'tasks', 'failed', 'failures', 'spending', 'info' {
        $shown.$_ | Format-List | Out-String -Width 80 | Should -Not -Match $speaks
    }

    It 'is found where it is shown raw' {
        [pscustomobject]@{ Prompt = $hostile } | Out-String -Width 80 | Should -Match $speaks -Because 'the tests above would prove nothing otherwise'
    }

    It 'leaves each object on its line, also with characters of two cells' {
        $lines = @(Get-Line $odd) -replace '\x1B\[[0-9;]*m'
        $lines.Count | Should -Be 5
        foreach ($line in $lines) {
            $line | Should -Not -Match '\uFFFD' -Because 'no character is torn'
            $wide = [regex]::Matches($line, '[\u2E80-\uA4CF]').Count
            $line.Length + $wide | Should -BeLessOrEqual 80
        }
    }

    It 'is not in an error' {
        Show-RunwareImage "nothere`e[2J.png" -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed | Out-String | Should -Not -Match '\x1B\[2J'
        "$failed" | Should -Not -Match '\x1B'
    }
}

Describe 'An error in ConciseView' {
    It 'names the record of many' {
        $ErrorActionPreference = 'Continue'
        $failed = 'a hat', 'a very good hat' | New-RunwareImage -Count 99 2>&1
        ($failed[1] | Out-String -Width 200) -replace '\e\[[0-9;]*m' -replace '[\s|]+', ' ' | Should -Match 'Record 2 \(a very good hat\): '
    }

    It 'of <Id> shows its message and what to do' -ForEach @(
        @{ Id = 'PromptMissing'; Run = { New-RunwareImage ' ' } }
        @{ Id = 'ParameterOutOfRange'; Run = { New-RunwareImage 'a hat' -Count 99 } }
        @{ Id = 'ParameterConflict'; Run = { New-RunwareImage 'a hat' -Size Square -Width 1024 } }
        @{ Id = 'TransparencyNeedsAlpha'; Run = { New-RunwareImage 'a hat' -Background transparent -OutputFormat JPG } }
        @{ Id = 'ReferenceImageNotFound'; Run = { New-RunwareImage 'a hat' -ReferenceImage nothere.png } }
        @{ Id = 'BudgetExceeded'; Run = { New-RunwareImage 'a hat' -Quality high -MaxCost 0.01 } }
        @{ Id = 'Runware.invalidProviderContent'; Run = { New-RunwareImage 'half a hat' } }
        @{ Id = 'TaskNotFound'; Run = { Receive-RunwareTask ([guid]::NewGuid()) } }
        @{ Id = 'ModelNotFound'; Run = { Get-RunwareModel nobody:1@1 } }
        @{ Id = 'ImageNotFound'; Run = { Show-RunwareImage nothere.png } }
        @{ Id = 'ImageNotFound'; Run = { Get-RunwareImageInfo nothere.png } }
        @{ Id = 'ImageInfoNotFound'; Run = { Get-RunwareImageInfo (Join-Path $PSScriptRoot View.Tests.ps1) } }
        @{ Id = 'DownloadFailed'; Run = { [pscustomobject]@{ imageURL = "$($sandbox.Endpoint)/no.png" } | Save-RunwareImage -Path $TestDrive } }
    ) {
        $ErrorView = 'ConciseView'
        $ErrorActionPreference = 'Continue'
        $failed = & $Run 2>&1 | Where-Object { $_ -is [Management.Automation.ErrorRecord] }
        $failed.FullyQualifiedErrorId | Should -BeLike "$Id,*"

        # The engine folds long lines; the words stay.
        $text = ($failed | Out-String -Width 200) -replace '\e\[[0-9;]*m' -replace '[\s|]+', ' '
        $text | Should -Match ([regex]::Escape(($failed.Exception.Message -replace '[\s|]+', ' ')))
        $text | Should -Match ([regex]::Escape(($failed.ErrorDetails.RecommendedAction -replace '[\s|]+', ' ')))
    }
}

Describe 'An error among many records' {
    It 'says whose it is, and that of one record does not' {
        $ErrorActionPreference = 'Continue'
        $many = 'a hat', ' ', "a shoe`nwith laces" | New-RunwareImage -Count 99 2>&1
        "$($many[0])" | Should -BeLike 'Record 1 (a hat): *99*'
        "$($many[1])" | Should -BeLike 'Record 2: *'
        "$($many[2])" | Should -BeLike 'Record 3 (a shoe with laces): *99*'

        $one = New-RunwareImage 'a hat' -Count 99 2>&1
        "$one" | Should -Be $one.Exception.Message
    }

    It 'of a task says its prompt' {
        $ErrorActionPreference = 'Continue'
        $failed = New-RunwareImage 'half a hat' -Count 2 -Async | Receive-RunwareTask -Wait 2>&1 | Where-Object { $_ -is [Management.Automation.ErrorRecord] }
        "$failed" | Should -BeLike 'half a hat: *'
    }
}

Describe 'The table of saved images' {
    It 'tells files in the current folder from there' {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive '[views]')).FullName
        $image = [RunwarePS.RunwareImage]@{ Prompt = 'a hat'; Path = Join-Path $folder hat.png }
        Push-Location -LiteralPath $TestDrive
        try { ($image | Out-String -Width 400) -split '\s+' | Should -Contain (Join-Path '[views]' hat.png) } finally { Pop-Location }
        ($image | Out-String -Width 400) -split '\s+' | Should -Contain $image.Path
    }
}

Describe 'A sidecar with control characters' {
    It 'does not speak to the terminal' {
        $picture = Join-Path $TestDrive other.png
        Set-Content -LiteralPath $picture -Value 'no picture'
        Set-Content -LiteralPath "$picture.json" -Value '{ "creatorTool": "RunwarePS 1.0", "prompt": "a\u001b]0;title\u0007b", "model": "openai:1@1" }'
        $info = Get-RunwareImageInfo $picture
        $info.Prompt | Should -Match 'title'
        $info.Prompt | Should -Not -Match '\p{Cc}'
    }
}

Describe 'Text' {
    It 'of an image is one short line' {
        "$($images[2])" | Should -Not -Match '\n'
        "$($images[2])".Length | Should -BeLessThan 100
    }
}
