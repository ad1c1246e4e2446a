namespace GridServices.Contracts;

/// <summary>
/// Every reason for which any service refuses anything. On the wire the name as it stands here, in upper snake case
/// (<c>SemanticTime</c> → <c>SEMANTIC_TIME</c>), at the end of the problem's <c>type</c>.
/// </summary>
public enum ErrorClass
{
    // Form
    Malformed, SchemaInvalid, SchemaComment, DtdForbidden, UnsupportedMedia, Method, HttpMalformed, TypeMismatch,

    // Bounds
    LimitSize, LimitDepth, LimitCount, LimitPoll, LimitReferences, LimitTransforms, RateLimit, Backpressure, Timeout,

    // Meaning
    SemanticTime, SemanticDuration, SemanticNumber, SemanticOrder, SemanticOverlap, SemanticUid, SemanticId, SemanticText, SemanticCode,
    SemanticTier, SemanticEmpty, SemanticExpired, SemanticHex, SemanticRandom, SemanticReference, SemanticSfdi, SemanticStatus, SemanticTz,
    SemanticWindow, Unit, UnsupportedSignal, PolicyMarket, TargetMismatch, Plausibility,

    // State
    SeqRegression, SeqConflict, IdConflict, DuplicateId, UnknownId, Correlation, CursorInvalid, CursorGone, NotFound, Conflict,
    LastKnownGood, ListInconsistent, LoopDetected, Respond,

    // Who and what for
    AuthnRequired, AuthnToken, AuthnExpired, AuthnKeyinfo, AuthnSignature, AuthnSubject, AuthnUnsigned, AuthnUntrusted, AuthnWeakKey,
    AuthzRole, AuthzTenant, AuthzSite, AuthzSource, AuthzSubscription, AuthzLfdi, AuthzVenid, AuthzVtnid, SsrfBlocked,

    // Signatures
    AlgC14n, AlgConfusion, AlgEncrypted, AlgTransform, AlgWeak, RefsExternal, RefsPayloadNotCovered, ReplayMissing, ReplayMultiple,
    ReplayNonce, ReplayTimestamp, ReplayUnsigned, ReplayWindow, Wrapping,

    // Data and measurement
    DataConflict, DataDuplicate, DataGap, DataMisaligned, DataOverlap, DataUnordered, TimeAmbiguous, TimeNonexistent,
    QualityDisagree, QualityOrder, QualityRange, QualityRocof, QualityStale, QualityStuck, QualityTime, ClockSkew,

    // Ours
    Unavailable, Internal, Configuration, Incomplete,
}
