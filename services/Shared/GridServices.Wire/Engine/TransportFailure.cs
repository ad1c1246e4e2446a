namespace GridServices.Wire.Engine;

/// <summary>Why a request to the utility got no usable answer.</summary>
public enum TransportFailure
{
    /// <summary>No connection, or it broke.</summary>
    Unreachable,

    /// <summary>TLS failed, or a certificate was refused or has ended.</summary>
    Tls,

    /// <summary>No complete reply in time.</summary>
    Timeout,

    /// <summary>An HTTP status that this protocol does not read as an answer.</summary>
    HttpStatus,

    /// <summary>The reply was longer than allowed, encoded, or of a media type that is not read.</summary>
    Unacceptable,

    /// <summary>The request itself can't be written, so nothing was sent; sending it again changes nothing.</summary>
    Unwritable,
}
