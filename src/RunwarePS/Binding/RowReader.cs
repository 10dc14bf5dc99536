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
    private static readonly ConcurrentDictionary<Type, Dictionary<string, Column>> s_columns = new();

    private readonly PSCmdlet _cmdlet;
    private readonly HashSet<string> _onCommandLine;
    private readonly Dictionary<string, Column> _columns;

    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>: the command line gives nothing to a parameter that must have a
    /// value.</exception>
    /// <param name="cmdlet">The cmdlet, before its first record: the parameters that are bound by then are from the command line.</param>
    public RowReader(PSCmdlet cmdlet)
    {
        _cmdlet = cmdlet;
        _onCommandLine = new HashSet<string>(cmdlet.MyInvocation.BoundParameters.Keys, StringComparer.OrdinalIgnoreCase);
        _columns = s_columns.GetOrAdd(cmdlet.GetType(), ColumnsOf);
        RequireValues();
    }

    /// <summary>Whether the command line gives a parameter, as a value or as a script block that is run for each record.</summary>
    public bool IsOnCommandLine(string parameter) => _onCommandLine.Contains(parameter);

    /// <summary>Whether the command line or a row gives a parameter.</summary>
    public bool IsSpecified(string parameter, PSObject? row) => IsOnCommandLine(parameter)
        || (row is not null && Cells(row).Find(c => c.Column.Parameter.Name == parameter) is { Value: { } value }
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
        return !needsColumns || unbound.Count > 0 || (IsRow(row) && Cells(row).Count > 0)
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
        foreach (var cell in BoundCells(row))
        {
            try
            {
                cell.Column.Reader.Read(cell.Value);
            }
            catch (RunwareException e)
            {
                throw RunwareException.Invalid(e.Code, cell.Column.Parameter.Name, Strings.ColumnUnreadable.With(cell.Name, e.Message), e);
            }
        }
    }

    private Dictionary<string, object> Unbound(PSObject row) =>
        !IsRow(row) ? [] : (
            from property in row.Properties
            where property.IsGettable && ApiKeys.Find(property.Name) is not null
                && !_columns.ContainsKey(property.Name)
            let value = DictionaryTransformationAttribute.Plain(property.Value)
            where !ReadValue.IsNothing(value)
            select KeyValuePair.Create(property.Name, value)).ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Resets what the engine bound by name: the record is an input, and its properties aren't parameters.</summary>
    public void Forget(PSObject row)
    {
        foreach (var cell in BoundCells(row))
        {
            cell.Column.Parameter.SetValue(_cmdlet, value: null);
        }
    }

    private IEnumerable<Cell> BoundCells(PSObject row) => Cells(row).Where(cell => !IsOnCommandLine(cell.Column.Parameter.Name));

    /// <summary>
    /// The cells that the engine binds, in the order of the parameters: of each, the first of the names that the row has. It is the row's
    /// properties that are looked up, because there are fewer of them.
    /// </summary>
    private List<Cell> Cells(PSObject row)
    {
        var cells = new List<Cell>();
        foreach (var property in row.Properties)
        {
            if (_columns.TryGetValue(property.Name, out var column))
            {
                cells.Add(new Cell(column, property));
            }
        }

        return cells.Count == 0 ? cells : [
            .. from cell in cells
               group cell by cell.Column into named
               orderby named.Key.Position
               let first = named.MinBy(cell => cell.Column.RankOf(cell.Name))!
               where first.IsReadable
               select first,
        ];
    }

    // What a variable that isn't set would turn into a default: another model, no reference, a task that is bought twice.
    private void RequireValues()
    {
        foreach (var (name, value) in _cmdlet.MyInvocation.BoundParameters)
        {
            if (PropertyReader.Unwrap(value) is Unreadable unreadable)
            {
                // The engine doesn't refuse it where a parameter takes any object.
                throw RunwareException.Invalid(unreadable.Reason.Code, name, Strings.ParameterUnreadable.With(name, unreadable.Reason.Message),
                    unreadable.Reason);
            }

            if (ReadValue.IsNothing(value)
                && _cmdlet.GetType().GetProperty(name)?.GetCustomAttribute<CellTransformationAttribute>() is { RequiresValue: true })
            {
                throw Empty(name);
            }
        }
    }

    private static Dictionary<string, Column> ColumnsOf(Type cmdlet)
    {
        var columns = new Dictionary<string, Column>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in cmdlet.GetProperties()
            .Where(p => p.GetCustomAttributes<ParameterAttribute>().Any(a => a.ValueFromPipelineByPropertyName)))
        {
            string[] names = [parameter.Name, .. parameter.GetCustomAttribute<AliasAttribute>()?.AliasNames ?? []];
            var column = new Column(columns.Count, parameter, names, parameter.GetCustomAttribute<ValueTransformationAttribute>()!);
            Array.ForEach(names, name => columns.Add(name, column));
        }

        return columns;
    }

    /// <summary>The error of a parameter that the command line gives nothing to.</summary>
    public static RunwareException Empty(string parameter) => RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter,
        Strings.ValueEmpty.With(parameter));

    /// <summary>A parameter that is bound by property name.</summary>
    private sealed class Column(int position, PropertyInfo parameter, string[] names, ValueTransformationAttribute reader)
    {
        public int Position => position;

        public PropertyInfo Parameter => parameter;

        public ValueTransformationAttribute Reader => reader;

        public int RankOf(string name) => Array.FindIndex(names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A property of a row.</summary>
    private sealed record Cell(Column Column, PSPropertyInfo Property)
    {
        public string Name => Property.Name;

        public bool IsReadable => Property.IsGettable;

        public object? Value => PropertyReader.Unwrap(Property.Value);
    }
}
