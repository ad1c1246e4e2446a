using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>The topics of one contract.</summary>
internal static class ContractTopics
{
    private const string Instructions = "/instructions";
    private const string Signal = "/signal";
    private const string Acknowledgements = "/acknowledgements";

    /// <summary>Where the operator speaks; null where the service takes neither instructions nor a signal.</summary>
    public static string? FindTopic(string topic, ServiceKind kind) => kind switch
    {
        ServiceKind.Instruction => topic + Instructions,
        ServiceKind.Signal => topic + Signal,
        _ => null,
    };

    /// <summary>Where we answer.</summary>
    public static string GetAnswerTopic(string topic) => topic + Acknowledgements;
}
