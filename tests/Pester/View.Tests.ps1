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
    @{ Name = 'tasks'; Header = 'TaskUuid', 'Status', 'Images', 'Cost', 'Failed'; Get = { $tasks } }
    @{ Name = 'a connection'; Header = 'Endpoint', 'Key', 'Scope', 'TimeoutSec'; Get = { Get-RunwareConnection } }
    @{ Name = 'a sandbox'; Header = 'Endpoint', 'Running', 'Requests', 'Generations'; Get = { $sandbox } }
    @{ Name = 'a test'; Header = 'Endpoint', 'LatencyMs', 'Balance'; Get = { Test-RunwareConnection } }
    @{ Name = 'models'; Header = 'Model', 'Name', 'Status', 'USD an image'; Get = { Get-RunwareModel } }
    @{ Name = 'spending'; Header = 'At (UTC)', 'Cost', 'Images', 'Model', 'Tag'; Get = { Get-RunwareSpend } }
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

    It 'a list says what a table leaves out' {
        $list = $images[0] | Format-List | Out-String -Width 400
        foreach ($label in 'Prompt', 'Model', 'OutputFormat', 'ImageUrl', 'TaskUuid', 'ImageUuid', 'Tag', 'CreatedAt') {
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

    It 'count what failed of a task' {
        Get-Line ($tasks | Where-Object Status -EQ PartiallySucceeded) | Select-Object -Last 1 | Should -Match 'PartiallySucceeded\s+1\s+\S+\s+1$'
    }

    It 'cut a long prompt' {
        (Get-Line $images)[2] | Should -Match 'an old teapot.*\u2026'
    }
}

Describe 'A prompt that steers terminals' {
    It 'does not from the <View> of its image' -ForEach @{ View = 'table' }, @{ View = 'list' } {
        $steers = [char]27 + ']0;title' + [char]7
        $image = [RunwarePS.RunwareImage] @{ Prompt = "a${steers}b"; Model = 'openai:1@1' }
        $shown = ($View -eq 'table' ? ($image | Format-Table | Out-String) : ($image | Format-List | Out-String)) -replace '\e\[[\d;]*m'
        $shown | Should -Match 'title'
        $shown | Should -Not -Match '[\p{Cc}-[\r\n\t]]'
    }

    It 'does not from a sidecar that somebody else wrote' {
        $picture = Join-Path $TestDrive other.png
        Set-Content -LiteralPath $picture -Value 'no picture'
        Set-Content -LiteralPath "$picture.json" -Value '{ "prompt": "a\u001b]0;title\u0007b", "model": "openai:1@1" }'
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
