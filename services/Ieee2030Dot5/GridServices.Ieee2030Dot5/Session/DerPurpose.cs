using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Reporting;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>Why a request is made; the engine's own bookmark, and a word for the journal.</summary>
public abstract record DerPurpose
{
    /// <summary>What two tries of the same thing have in common.</summary>
    public abstract string Key { get; }

    /// <summary>Reading a resource; <paramref name="From"/>: the first list item asked for.</summary>
    public sealed record Read(NodeKind Kind, string Href, int From) : DerPurpose
    {
        public override string Key => Node.GetKey(Kind, Href);
    }

    /// <summary>Registering an EndDevice in-band.</summary>
    public sealed record Register(string Lfdi, string Href) : DerPurpose
    {
        public override string Key => $"register {Lfdi}";
    }

    /// <summary>Answering an event.</summary>
    public sealed record Respond(string MRid, byte Status, string Lfdi) : DerPurpose
    {
        public override string Key => $"respond {Lfdi} {Status} {MRid}";
    }

    /// <summary>Putting the NMI (CSIP-AUS).</summary>
    public sealed record PutConnectionPoint(string Lfdi, string Href, string Digest) : DerPurpose
    {
        public override string Key => $"put {Href}";
    }

    /// <summary>Putting what the DER is, how it is set and how it does.</summary>
    public sealed record PutDer(string Lfdi, DerPart Part, string Href, string Digest) : DerPurpose
    {
        public override string Key => $"put {Href}";
    }

    /// <summary>Making a mirror usage point.</summary>
    public sealed record CreateMirror(string Lfdi, MirrorRole Role, string Href) : DerPurpose
    {
        public override string Key => $"mirror {Lfdi} {Role}";
    }

    /// <summary>Posting the averages of one interval, which began at <paramref name="StartS"/> (Unix seconds, server time).</summary>
    public sealed record SendReadings(string Lfdi, MirrorRole Role, string Href, long StartS) : DerPurpose
    {
        public override string Key => $"readings {Lfdi} {Role}";
    }

    /// <summary>Posting a log event; those of a device go one after the other.</summary>
    public sealed record SendLogEvent(string Lfdi, int Number, string Href) : DerPurpose
    {
        public override string Key => $"log {Lfdi}";
    }

    /// <summary>Asking for a reservation.</summary>
    public sealed record AskReservation(string Lfdi, string Id, string Href) : DerPurpose
    {
        public override string Key => $"reservation {Lfdi} {Id}";
    }

    /// <summary>Telling that a reservation is withdrawn.</summary>
    public sealed record CancelReservation(string Lfdi, string Id, string Href) : DerPurpose
    {
        public override string Key => $"withdraw {Lfdi} {Id}";
    }

    /// <summary>Telling how much load could be shed; <paramref name="Href"/>: the list, or what the server made there of what it was told before; without
    /// <paramref name="Digest"/> it is told that none could be any more.</summary>
    public sealed record TellSheddable(string Lfdi, string Href, string List, string Digest) : DerPurpose
    {
        /// <summary>True: it is made.</summary>
        public bool IsNew => Href == List;

        public override string Key => $"sheddable {Lfdi}";
    }

    /// <summary>Asking to be told of changes to a resource.</summary>
    public sealed record Subscribe(string Resource, string Href) : DerPurpose
    {
        public override string Key => $"subscribe {Resource}";
    }

    /// <summary>Taking back a subscription that is stale, double or to an address we had before.</summary>
    public sealed record Unsubscribe(string Href) : DerPurpose
    {
        public override string Key => $"unsubscribe {Href}";
    }
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
    TariffList,
    ComponentList,
    Component,
    ReadingType,
    IntervalList,
    PriceList,

    /// <summary>DERCurve that a control or a default refers to.</summary>
    Curve,

    /// <summary>FlowReservationRequestList: read only while it alone can tell under which address the server has a request.</summary>
    ReservationRequests,

    /// <summary>FlowReservationResponseList.</summary>
    ReservationList,

    /// <summary>DemandResponseProgramList: read only with a policy for it.</summary>
    DemandResponseList,

    /// <summary>EndDeviceControlList.</summary>
    LoadControlList,

    /// <summary>The Time of function set assignments, where it is not the server's.</summary>
    AssignmentTime,

    /// <summary>LoadShedAvailabilityList: read only while it alone can tell what the server has of what could be shed. Keys of nodes are stored: new kinds come last.</summary>
    SheddableList,
}
