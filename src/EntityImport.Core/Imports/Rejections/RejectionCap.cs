using System.Globalization;
using EntityImport.Catalog;

namespace EntityImport.Imports.Rejections;

/// <summary>Ends an import that rejects more rows than are kept of one: none succeeds whose error file lacks a row.</summary>
/// <param name="limits">How many that are.</param>
internal sealed class RejectionCap(Limits limits)
{
    /// <summary>Looks at how many rows were rejected.</summary>
    /// <exception cref="ImportRefusedException">They are more than are kept.</exception>
    public void CheckRows(long rows)
    {
        if (rows > limits.RejectedRows)
            throw TooMany($"More than {limits.RejectedRows} rows were rejected, which is as many as the service keeps of one import.");
    }

    /// <summary>Looks at how many bytes the rejected rows take.</summary>
    /// <exception cref="ImportRefusedException">They are more than are kept.</exception>
    public void CheckBytes(long bytes)
    {
        if (bytes > limits.RejectedBytes)
            throw TooMany($"The rejected rows take more than {limits.RejectedBytes} bytes with their reasons, which is as much as the service keeps of one import.");
    }

    private static ImportRefusedException TooMany(FormattableString why) =>
        new(EndCode.TooManyRejected, why.ToString(CultureInfo.InvariantCulture) + " Does the mapping describe this file?");
}
