namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>What is spoken with a utility: decides namespaces and media types of what is written. Reading takes all of them.</summary>
public enum Sep2Dialect
{
    /// <summary>IEEE 2030.5-2018 without extensions.</summary>
    Ieee2018,

    /// <summary>CSIP-AUS 1.1 and 1.2.</summary>
    CsipAus12,

    /// <summary>CSIP-AUS 1.3.</summary>
    CsipAus13,
}
