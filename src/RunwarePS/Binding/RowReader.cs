using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;

namespace RunwarePS.Binding;

/// <summary>
/// Looks at a record of the pipeline as a row of cells: which of them the engine could not bind, and which no parameter takes.
/// </summary>
internal sealed class RowReader
{
    // Reading the attributes of a cmdlet takes longer than sending its request.
    private static readonly ConcurrentDictionary<Type, Column[]> s_columns = new();

    private readonly PSCmdlet _cmdlet;
    private readonly HashSet<string> _onCommandLine;
    private readonly Column[] _columns;
    private readonly Column[] _bound;

    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>: the command line gives nothing to a parameter that must have a
    /// value.</exception>
    /// <param name="cmdlet">The cmdlet, before its first record: the parameters that are bound by then are from the command line.</param>
    public RowReader(PSCmdlet cmdlet)
    {
        _cmdlet = cmdlet;
        _onCommandLine = new HashSet<string>(cmdlet.MyInvocation.BoundParameters.Keys, StringComparer.OrdinalIgnoreCase);
        _columns = s_columns.GetOrAdd(cmdlet.GetType(), ColumnsOf);
        _bound = [.. _columns.Where(column => !IsOnCommandLine(column.Property.Name))];
        RequireValues();
    }

    /// <summary>Whether the command line gives a parameter, as a value or as a script block that is run for each record.</summary>
    public bool IsOnCommandLine(string parameter) => _onCommandLine.Contains(parameter);

    /// <summary>Whether the command line or a row gives a parameter.</summary>
    public bool IsSpecified(string parameter, PSObject? row) => IsOnCommandLine(parameter)
        || (row is not null && Array.Find(_columns, c => c.Property.Name == parameter)?.In(row) is { Value: { } value }
            && !ReadValue.IsNothing(value));

    /// <summary>Reads what the engine did not bind.</summary>
    /// <param name="row">The record.</param>
    /// <param name="needsColumns">Whether a record without any column of the cmdlet is an error.</param>
    /// <returns>The cells that are keys of the API and that no parameter takes.</returns>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>: the first cell that the engine could not bind, with its
    /// column.</exception>
    public Dictionary<string, object> Read(PSObject row, bool needsColumns)
    {
        Check(row);
        var unbound = Unbound(row);
        return !needsColumns || unbound.Count > 0 || (IsRow(row) && Array.Exists(_columns, column => column.In(row) is not null))
            ? unbound
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null,
                Strings.NothingToBind.With(row.BaseObject.GetType().Name));
    }

    /// <summary>
    /// Whether the properties of a record are cells. Those of a text, a list or a table are not: a list has a Count of its own.
    /// </summary>
    public static bool IsRow(PSObject row) => row.BaseObject is not (string or IList or IDictionary);

    private void Check(PSObject row)
    {
        foreach (var column in _bound)
        {
            if (column.In(row) is not { } cell)
            {
                continue;
            }

            try
            {
                column.Reader.Read(cell.Value);
            }
            catch (RunwareException e)
            {
                throw RunwareException.Invalid(e.Code, column.Property.Name, Strings.ColumnUnreadable.With(cell.Name, e.Message), e);
            }
        }
    }

    private Dictionary<string, object> Unbound(PSObject row) =>
        !IsRow(row) ? [] : (
            from property in row.Properties
            where property.IsGettable && ApiKeys.Find(property.Name) is not null
                && !_columns.Any(column => column.Names.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
            let value = DictionaryTransformationAttribute.Plain(property.Value)
            where !ReadValue.IsNothing(value)
            select KeyValuePair.Create(property.Name, value)).ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Resets what the engine bound by name: the record is an input, and its properties aren't parameters.</summary>
    public void Forget(PSObject row)
    {
        foreach (var column in _bound.Where(column => column.In(row) is not null))
        {
            column.Property.SetValue(_cmdlet, value: null);
        }
    }

    // What a variable that isn't set would turn into a default: another model, no reference, a task that is bought twice.
    private void RequireValues()
    {
        foreach (var (name, value) in _cmdlet.MyInvocation.BoundParameters)
        {
            if (PropertyReader.Unwrap(value) is Unreadable unreadable)
            {
                throw unreadable.Reason; // the engine doesn't refuse it where a parameter takes any object
            }

            if (ReadValue.IsNothing(value)
                && _cmdlet.GetType().GetProperty(name)?.GetCustomAttribute<CellTransformationAttribute>() is { RequiresValue: true })
            {
                throw Empty(name);
            }
        }
    }

    private static Column[] ColumnsOf(Type cmdlet) =>
    [
        .. from property in cmdlet.GetProperties()
           where property.GetCustomAttributes<ParameterAttribute>().Any(p => p.ValueFromPipelineByPropertyName)
           let names = property.GetCustomAttribute<AliasAttribute>()?.AliasNames ?? []
           select new Column(property, [property.Name, .. names], property.GetCustomAttribute<ValueTransformationAttribute>()!),
    ];

    /// <summary>The error of a parameter that the command line gives nothing to.</summary>
    public static RunwareException Empty(string parameter) => RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter,
        Strings.ValueEmpty.With(parameter));

    private sealed record Column(PropertyInfo Property, string[] Names, ValueTransformationAttribute Reader)
    {
        /// <summary>The cell that the engine binds: the first of the names that the row has.</summary>
        public (string Name, object? Value)? In(PSObject row)
        {
            var found = Names.Select(name => row.Properties[name]).FirstOrDefault(p => p is not null);
            return found is { IsGettable: true } ? (found.Name, PropertyReader.Unwrap(found.Value)) : null;
        }
    }
}
