namespace GridServices.FrequencyResponse.Frames;

/// <summary>Why bytes are not the frame that they should be.</summary>
public enum FrameFault
{
    None,

    /// <summary>Fewer bytes than the frame has.</summary>
    Short,

    /// <summary>Other bytes than a frame of this kind begins with.</summary>
    NotOurs,

    /// <summary>A version that this program does not read.</summary>
    Version,

    /// <summary>The length in the frame is not the length that arrived, or beyond what is allowed.</summary>
    Length,
    Checksum,

    /// <summary>A member has a value that it can't have.</summary>
    Content,

    /// <summary>Of a device whose configuration has not been received.</summary>
    Unconfigured,
}
