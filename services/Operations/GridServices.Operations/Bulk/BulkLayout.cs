using System.Collections.Frozen;

namespace GridServices.Operations.Bulk;

/// <summary>A column of a file.</summary>
/// <param name="Name">Exactly as in the head.</param>
/// <param name="Required">A value is wanted in every row; columns that are not may be missing altogether.</param>
/// <param name="Help">What goes into it, with its unit.</param>
/// <param name="Examples">Three rows of the template.</param>
/// <param name="Alias">A second spelling of the head's name that is read too.</param>
public sealed record BulkColumn(string Name, bool Required, string Help, string[] Examples, string? Alias = null);

/// <summary>The columns of each kind of file, and which record a row becomes.</summary>
public sealed partial record BulkLayout(BulkKind Kind, string FileName, IReadOnlyList<BulkColumn> Columns)
{
    /// <summary>Columns that a result file adds; in a file that is read they mean nothing.</summary>
    public static IReadOnlyList<string> ResultColumns { get; } = ["status", "message", "entity_id", "url"];

    private static readonly FrozenDictionary<BulkKind, BulkLayout> ByKind =
        new[] { Sites, Meters, Contacts, Enrollments, Nominations, OptPlans }.ToFrozenDictionary(l => l.Kind);

    public static BulkLayout For(BulkKind kind) => ByKind[kind];

    /// <summary>The column of a head's name; null where there is none.</summary>
    public BulkColumn? Find(string name) => Columns.FirstOrDefault(c => c.Name == name || c.Alias == name);

    internal BulkRecord? Read(RowFields fields) => Kind switch
    {
        BulkKind.Sites => SiteRow.Read(fields),
        BulkKind.Meters => MeterRow.Read(fields),
        BulkKind.Contacts => ContactRow.Read(fields),
        BulkKind.Enrollments => EnrollmentRow.Read(fields),
        BulkKind.Nominations => NominationRow.Read(fields),
        _ => OptPlanRow.Read(fields),
    };
}
