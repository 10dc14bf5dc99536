namespace RunwarePS.Tests;

/// <summary>Import, types and state of the module in one process.</summary>
public sealed class ModuleTests : EngineTest
{
    [Fact]
    public void The_module_imports_its_cmdlets_and_nothing_else()
    {
        var commands = Session.Run("(Get-Module RunwarePS).ExportedCommands.Values | ForEach-Object { \"$($_.CommandType) $($_.Name)\" }").Texts;

        commands.ShouldContain(c => c == "Cmdlet New-RunwareImage");
        commands.ShouldAllBe(c => c.StartsWith("Cmdlet ", StringComparison.Ordinal));
    }

    [Fact]
    public void Importing_again_by_force_keeps_everything_working()
    {
        Session.StartSandbox();

        Session.Run("Import-Module $args[0] -Force; Import-Module $args[0] -Force", Repository.Module);

        Session.Run("(New-RunwareImage 'a kite over dunes') -is [RunwarePS.RunwareImage]").Value<bool>().ShouldBeTrue();
        Session.Sent.Length.ShouldBe(1);
    }

    [Fact]
    public void Removing_the_module_and_importing_it_again_keeps_the_connection()
    {
        Session.StartSandbox();

        Session.Run("Remove-Module RunwarePS; Import-Module $args[0]; $null = New-RunwareImage 'a kite over dunes'", Repository.Module);

        Session.Sent.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("RunwarePS.RunwareImage")]
    [InlineData("RunwarePS.RunwareTask")]
    [InlineData("RunwarePS.RunwareFailure")]
    [InlineData("RunwarePS.RunwareConnection")]
    [InlineData("RunwarePS.RunwareException")]
    [InlineData("RunwarePS.Sandbox.RunwareSandbox")]
    public void Type_literals_find_the_public_types(string name) =>
        Session.Run($"[{name}].FullName").Text.ShouldBe(name);

    [Fact]
    public void Thirty_runspaces_leave_the_module_working()
    {
        for (var i = 0; i < 30; i++)
        {
            using var other = new EngineSession();
            other.Run("Get-Command New-RunwareImage | Out-Null");
        }

        Session.StartSandbox();
        Session.Run("New-RunwareImage 'a kite over dunes'").Output.Length.ShouldBe(1);
    }
}
