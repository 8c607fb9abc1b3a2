using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Xuanwu.Kubernetes.Tests;

public sealed class YamlSafeEncoderTests
{
    [Fact]
    public void Every_character_reads_back_from_JSON_and_from_YAML()
    {
        for (var first = 1; first < 0x11000; first += 64)
        {
            var text = string.Concat(Enumerable.Range(first, 64)
                .Where(it => it is < 0xd800 or > 0xdfff)
                .Select(it => new Rune(it).ToString()));
            var json = Encoding.UTF8.GetString(ApiJson.Write(new JsonObject { ["a"] = text }));

            Assert.Equal(text, (string?)JsonNode.Parse(json)!["a"]);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(json));
            Assert.Equal((first, text), (first, (string?)yaml.Documents[0].RootNode["a"]));
        }
    }

    [Fact]
    public void What_needs_no_escape_has_none() =>
        Assert.Equal("""{"作业":"😀 <a> & 'b' +"}""", Write("作业", "😀 <a> & 'b' +"));

    [Fact]
    public void What_YAML_takes_for_a_line_break_or_refuses_is_escaped() => Assert.Equal(
        """{"k":"\n\r\t\"\\\u0001\u007f\u0085\u2028\u2029\ufeff"}""",
        Write("k", "\n\r\t\"\\\u0001\u007f\u0085\u2028\u2029\ufeff"));

    [Fact]
    public void Half_a_character_becomes_the_replacement_character() =>
        Assert.Equal("""{"k":"a\ufffdb"}""", Write("k", "a\ud83db"));

    private static string Write(string key, string value) =>
        Encoding.UTF8.GetString(ApiJson.Write(new JsonObject { [key] = value }));
}
