using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.OpenAdr.Codec;

/// <summary>The OpenADR response code (profile section 8.7) that answers each error class.</summary>
public static class OadrCodes
{
    public const int Ok = 200;
    public const int OutOfSequence = 450;
    public const int NotAllowed = 451;
    public const int InvalidId = 452;
    public const int InvalidData = 454;
    public const int ComplianceError = 459;
    public const int SignalNotSupported = 460;
    public const int ReportNotSupported = 461;
    public const int TargetMismatch = 462;
    public const int NotRegistered = 463;
    public const int Other = 469;

    /// <summary>The code for a refusal of the codec: a text of the right form that denotes nothing is invalid data.</summary>
    public static int GetCode(ReadError refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return refusal.DenotesNothing ? InvalidData : GetCode(refusal.Class);
    }

    /// <summary>The same of a message of which only the kind may be legible: 460 is of signals, and a report that nobody can give is 461.</summary>
    public static int GetCode(ReadError refusal, string? message)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return refusal.Class == ErrorClass.Unit && message is "oadrCreateReport" or "oadrRegisterReport" or "oadrUpdateReport" or "oadrRegisteredReport" ? ReportNotSupported : GetCode(refusal);
    }

    public static int GetCode(ErrorClass error) => error switch
    {
        // Order: modification numbers and interval uids.
        ErrorClass.SeqRegression or ErrorClass.SeqConflict or ErrorClass.SemanticUid or ErrorClass.SemanticOrder => OutOfSequence,

        ErrorClass.SemanticExpired => NotAllowed,

        // Identifiers.
        ErrorClass.SemanticId or ErrorClass.DuplicateId or ErrorClass.IdConflict or ErrorClass.UnknownId or ErrorClass.Correlation
            or ErrorClass.AuthzVtnid or ErrorClass.AuthzVenid => InvalidId,

        // Values.
        ErrorClass.SemanticNumber or ErrorClass.SemanticCode or ErrorClass.SemanticText or ErrorClass.Plausibility
            or ErrorClass.LimitCount or ErrorClass.LimitSize => InvalidData,

        // Form, and what the rules say of times and durations.
        ErrorClass.Malformed or ErrorClass.SchemaInvalid or ErrorClass.DtdForbidden or ErrorClass.LimitDepth or ErrorClass.TypeMismatch
            or ErrorClass.SemanticTime or ErrorClass.SemanticDuration or ErrorClass.SemanticEmpty => ComplianceError,

        ErrorClass.UnsupportedSignal or ErrorClass.Unit => SignalNotSupported,
        ErrorClass.TargetMismatch or ErrorClass.PolicyMarket => TargetMismatch,

        // Of those who may not have sent it too: OpenADR 2.0b rule 517 lets a VTN that is told 463 drop the VEN.
        _ => Other,
    };
}
