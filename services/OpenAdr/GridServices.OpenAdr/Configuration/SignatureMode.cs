namespace GridServices.OpenAdr.Configuration;

/// <summary>
/// off: messages are not signed, and signatures of the VTN are not looked at. sign: ours are signed; the VTN's are verified where it signs.
/// require: besides, a message of the VTN without a signature is ignored ("high security", OpenADR 2.0b rule 514).
/// </summary>
public enum SignatureMode
{
    Off,
    Sign,
    Require,
}
