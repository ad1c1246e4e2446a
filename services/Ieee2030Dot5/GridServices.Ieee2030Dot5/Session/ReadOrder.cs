namespace GridServices.Ieee2030Dot5.Session;

/// <summary>What of the server's resources goes first where several are to be read.</summary>
internal static class ReadOrder
{
    /// <summary>From an EndDevice's assignments down to what limits it.</summary>
    public static int GetDepth(NodeKind kind) => kind switch
    {
        NodeKind.AssignmentsList => 1,
        NodeKind.ProgramList or NodeKind.DemandResponseList => 2,
        NodeKind.DefaultControl or NodeKind.ControlList or NodeKind.LoadControlList => 3,
        NodeKind.Curve or NodeKind.AssignmentTime => 4,
        _ => 0,
    };

    /// <summary>Of a resource that was not read yet, or was told to have changed.</summary>
    public static Rank FirstRank(NodeKind kind) => kind switch
    {
        < NodeKind.Registration => Rank.Entry,
        <= NodeKind.ControlList or NodeKind.Curve or NodeKind.DemandResponseList or NodeKind.LoadControlList or NodeKind.AssignmentTime => Rank.Controls,
        NodeKind.DerList => Rank.Device,
        NodeKind.MirrorList => Rank.Report,
        >= NodeKind.TariffList => Rank.Device,
        _ => Rank.Convenience,
    };
}
