using EntityImport.Catalog;
using EntityImport.Notices;
using Xunit;

namespace EntityImport.Core.Tests.Notices;

public sealed class WebhookSignatureTests
{
    private static readonly WebhookSecret Known = new() { Text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", CreatedAt = default };

    /// <summary>The example that the reference implementations of Standard Webhooks test with.</summary>
    [Fact]
    public void A_signature_is_that_of_the_known_example() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8, [Known]));

    [Fact]
    public void Each_secret_makes_a_signature_and_none_tells_itself()
    {
        var other = new WebhookSecret { Text = WebhookSignature.CreateSecret(), CreatedAt = default };

        var signatures = WebhookSignature.Sign("a", 1, "{}"u8, [other, Known]).Split(' ');

        Assert.Equal([WebhookSignature.Sign("a", 1, "{}"u8, [other]), WebhookSignature.Sign("a", 1, "{}"u8, [Known])], signatures);
        Assert.DoesNotContain("whsec", $"{other} {new Webhook { Id = default, Url = "", Events = [], Secrets = [other], CreatedAt = default }}", StringComparison.Ordinal);
    }
}
