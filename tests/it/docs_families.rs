//! Every command of the guide to the files of a repo, and of its page for each family of repos, is run.

use crate::docs::{begun, blocks, page, ready, shell};
use crate::repos::content;
use crate::sandbox::Sandbox;
use modelpin_testkit::Content;
use modelpin_testkit::corpus::all;

/// The models that the pages speak of, each with its files.
const REPOS: &[(&str, &str)] = &[
    (
        "meta-llama/Llama-3.1-8B-Instruct",
        "README.md USE_POLICY.md config.json tokenizer.json model.safetensors original/consolidated.00.pth \
         original/params.json original/tokenizer.model",
    ),
    (
        "stabilityai/stable-diffusion-xl-base-1.0",
        "README.md sd_xl_base_1.0.safetensors scheduler/scheduler_config.json unet/config.json \
         unet/diffusion_pytorch_model.safetensors unet/diffusion_pytorch_model.fp16.safetensors vae/config.json \
         vae/diffusion_pytorch_model.safetensors vae/diffusion_pytorch_model.fp16.safetensors vae_1_0/config.json \
         vae_1_0/diffusion_pytorch_model.safetensors",
    ),
    (
        "Qwen/Qwen2.5-7B-Instruct-GGUF",
        "README.md qwen2.5-7b-instruct-q2_k.gguf qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf \
         qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf qwen2.5-7b-instruct-q8_0.gguf",
    ),
    (
        "Xenova/all-MiniLM-L6-v2",
        "README.md config.json tokenizer.json vocab.txt onnx/model.onnx onnx/model_fp16.onnx onnx/model_q4.onnx \
         onnx/model_quantized.onnx",
    ),
    (
        "openai/whisper-large-v3",
        "README.md config.json model.safetensors model.fp32-00001-of-00002.safetensors \
         model.fp32-00002-of-00002.safetensors",
    ),
    ("ggerganov/whisper.cpp", "README.md ggml-base.bin ggml-base.en.bin ggml-large-v3.bin"),
    ("pyannote/segmentation-3.0", "README.md config.yaml pytorch_model.bin"),
    ("pyannote/wespeaker-voxceleb-resnet34-LM", "README.md config.yaml pytorch_model.bin"),
    (
        "rhasspy/piper-voices",
        "en_US/amy/low/en_US-amy-low.onnx en_US/amy/low/en_US-amy-low.onnx.json \
         de_DE/thorsten/high/de_DE-thorsten-high.onnx de_DE/thorsten/high/de_DE-thorsten-high.onnx.json \
         en_GB/alan/medium/en_GB-alan-medium.onnx en_GB/alan/medium/en_GB-alan-medium.onnx.json",
    ),
    (
        "acme/setfit-classifier",
        "README.md config.json config_setfit.json model.safetensors model_head.pkl modules.json",
    ),
    (
        "sentence-transformers/all-MiniLM-L6-v2",
        "README.md config.json tokenizer.json vocab.txt model.safetensors onnx/model.onnx",
    ),
];

/// A file of one of them.
fn file(path: &str) -> Content {
    let of = |item: &str| all().into_iter().find(|one| one.name == item).unwrap().files.swap_remove(0).1;
    match path.rsplit('.').next().unwrap() {
        "gguf" => Content::lfs(of("tensor-gguf-v3")),
        "onnx" => Content::lfs(of("graph-onnx-small")),
        // The magic number of whisper.cpp's files, little-endian.
        "bin" if path.starts_with("ggml-") => Content::lfs([b"lmgg".as_slice(), &[0; 60]].concat()),
        "yaml" => Content::git("task:\n  duration: 10.0\n"),
        _ if path == "modules.json" => Content::git("[]"),
        _ => content(path),
    }
}

/// The project of the pages, and the Hub with the repos that they speak of.
fn published() -> Sandbox {
    let sandbox = ready();
    for (id, files) in REPOS {
        let files: Vec<(&str, Content)> = files.split_whitespace().map(|path| (path, file(path))).collect();
        sandbox.hub.model(id).commit(&files);
    }
    let index = "{\"_class_name\": \"StableDiffusionXLPipeline\", \"scheduler\": [\"diffusers\", \"EulerDiscreteScheduler\"], \
                 \"unet\": [\"diffusers\", \"UNet2DConditionModel\"], \"vae\": [\"diffusers\", \"AutoencoderKL\"]}";
    let sdxl = sandbox.hub.model("stabilityai/stable-diffusion-xl-base-1.0");
    sdxl.commit(&[("model_index.json", Content::git(index))]);
    let pipeline = "pipeline:\n  name: pyannote.audio.pipelines.SpeakerDiarization\n  params:\n    segmentation: \
                    pyannote/segmentation-3.0\n    embedding: pyannote/wespeaker-voxceleb-resnet34-LM\n";
    sandbox.hub.model("pyannote/speaker-diarization-3.1").commit(&[("config.yaml", Content::git(pipeline))]);
    vicuna(&sandbox);
    shell(&sandbox, "modelpin init").ok();
    sandbox
}

/// A model in two shards, both pickles, with their index.
fn vicuna(sandbox: &Sandbox) {
    use modelpin_testkit::corpus::build::{state_dict, torch_zip};
    let shard = |name: &str| Content::lfs(torch_zip(&state_dict(&[(name, "0", &[2])]), &[("0", &[7; 8])]).bytes());
    let index = "{\"metadata\": {\"total_size\": 16}, \"weight_map\": {\"first\": \"pytorch_model-00001-of-00002.bin\", \
                 \"second\": \"pytorch_model-00002-of-00002.bin\"}}";
    sandbox.hub.model("lmsys/vicuna-7b-v1.5").commit(&[
        ("config.json", content("config.json")),
        ("pytorch_model-00001-of-00002.bin", shard("first")),
        ("pytorch_model-00002-of-00002.bin", shard("second")),
        ("pytorch_model.bin.index.json", Content::git(index)),
    ]);
}

fn follow(path: &str, sandbox: &Sandbox) {
    for block in blocks(&page(path)) {
        let output = shell(sandbox, block);
        assert_eq!(output.code, 0, "{path}:\n{block}\n{output}");
    }
}

macro_rules! pages {
    ($($name:ident = $path:literal in $sandbox:ident;)*) => {
        $(
            #[test]
            fn $name() {
                follow($path, &$sandbox());
            }
        )*

        #[test]
        fn every_page_of_a_family_is_followed() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/families");
            let there = std::fs::read_dir(folder).unwrap();
            let mut there: Vec<String> =
                there.map(|page| format!("docs/guides/families/{}", page.unwrap().file_name().display())).collect();
            there.sort();
            let mut followed = vec![$($path),*];
            followed.retain(|path| path.contains("/families/"));
            followed.sort_unstable();
            assert_eq!(there, followed);
        }
    };
}

pages! {
    the_guide_to_files_can_be_followed = "docs/guides/files.md" in published;
    language_models_can_be_followed = "docs/guides/families/llm.md" in published;
    diffusion_pipelines_can_be_followed = "docs/guides/families/diffusers.md" in published;
    gguf_can_be_followed = "docs/guides/families/gguf.md" in published;
    onnx_can_be_followed = "docs/guides/families/onnx.md" in published;
    speech_can_be_followed = "docs/guides/families/speech.md" in published;
    embeddings_can_be_followed = "docs/guides/families/embeddings.md" in published;
    datasets_can_be_followed = "docs/guides/families/datasets.md" in begun;
}
