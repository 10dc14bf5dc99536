# The staged module as PowerShell finds it. RUNWAREPS_MODULE names the module's folder or manifest.

BeforeAll {
    Import-Module ([IO.Path]::Combine($PSScriptRoot, '..', '..', 'build', 'Engine', 'Engine.psm1'))
    $module = $env:RUNWAREPS_MODULE ? $env:RUNWAREPS_MODULE : [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'RunwarePS')
    $script:file = (Test-Path $module -PathType Container) ? (Join-Path $module 'RunwarePS.psd1') : $module
    $script:manifest = Test-ModuleManifest $file -ErrorAction Stop
    $script:imported = Import-Module $file -PassThru -Force -ErrorAction Stop
}

Describe 'The manifest' {
    It 'is valid and names version, license and author' {
        $manifest.Version | Should -BeGreaterThan '0.0'
        $manifest.LicenseUri | Should -Not -BeNullOrEmpty
        $manifest.Author | Should -Not -BeNullOrEmpty
        $manifest.Description | Should -Not -BeNullOrEmpty
    }

    It 'asks for PowerShell 7.4 of the Core edition' {
        $manifest.PowerShellVersion | Should -Be '7.4'
        $manifest.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'exports exactly the cmdlets of the module' {
        $assembly = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object Location -EQ (Join-Path $manifest.ModuleBase $manifest.RootModule)
        $written = $assembly.GetExportedTypes() | ForEach-Object { [Management.Automation.CmdletAttribute[]] $_.GetCustomAttributes([Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" }

        ($manifest.ExportedCmdlets.Keys | Sort-Object) -join ' ' | Should -Be (($written | Sort-Object) -join ' ')
        ($imported.ExportedCmdlets.Keys | Sort-Object) -join ' ' | Should -Be (($written | Sort-Object) -join ' ')
    }

    It 'exports nothing but cmdlets' {
        $imported.ExportedFunctions.Count | Should -Be 0
        $imported.ExportedAliases.Count | Should -Be 0
        $imported.ExportedVariables.Count | Should -Be 0
    }
}

Describe 'The views' {
    It 'are of types that are there, and show what these have' {
        Start-RunwareSandbox | Stop-RunwareSandbox # loads its types
        $xml = [xml] (Get-Content -LiteralPath (Join-Path $manifest.ModuleBase RunwarePS.Format.ps1xml) -Raw)
        $views = $xml.SelectNodes('//View')
        $views.Count | Should -BeGreaterThan 0
        foreach ($view in $views) {
            $types = $view.SelectNodes('ViewSelectedBy/TypeName').InnerText
            $types | Should -Not -BeNullOrEmpty
            foreach ($property in $view.SelectNodes('.//PropertyName').InnerText) {
                # A name such as 'RunwareModel#Detailed' selects a view; the members are those of the type before the #.
                foreach ($type in $types -replace '#.*') {
                    # A hidden property that begins with an underscore is a cell, which the module registers at import.
                    $found = $property -like '_*' ? (Get-TypeData -TypeName $type).Members.ContainsKey($property) : ([type] ($type -replace '^Deserialized\.')).GetProperty($property)
                    $found | Should -Not -BeNullOrEmpty -Because "$type should have $property"
                    $found | Should -Not -Be $false -Because "$type should have $property"
                }
            }
        }
    }
}

Describe 'Import' {
    It 'says nothing' {
        Import-Module $file -Force -Verbose:$false *>&1 | Should -BeNullOrEmpty
    }

    It 'complains about no verb or name' {
        Import-Module $file -Force -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -BeNullOrEmpty
    }

    It 'adds well under a second to a fresh process' {
        # The best of three: a busy machine is no slow module. The benchmarks measure closely.
        $times = 1..3 | ForEach-Object {
            Invoke-Engine -Command "(Measure-Command { Import-Module '$file' }).TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)"
        }
        ($times | Measure-Object -Minimum).Minimum | Should -BeLessThan 800
    }
}
