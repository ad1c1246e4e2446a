namespace GridServices.Ieee2030Dot5;

/// <summary>Why a request is made; the engine's own bookmark, and a word for the journal.</summary>
public abstract record DerPurpose
{
    /// <summary>Reading a resource; <paramref name="From"/>: the first list item asked for.</summary>
    public sealed record Read(NodeKind Kind, string Href, int From) : DerPurpose;
}

/// <summary>The kinds of resource the walk reads, in the order in which it wants them.</summary>
public enum NodeKind
{
    WellKnown,
    DeviceCapability,
    Time,
    EndDeviceList,
    EndDevice,
    Registration,
    AssignmentsList,
    ProgramList,
    DefaultControl,
    ControlList,
    DerList,
    MirrorList,
    SubscriptionList,
}
