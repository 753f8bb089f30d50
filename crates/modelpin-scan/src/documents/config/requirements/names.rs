//! Names of packages, and names that only look like them.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Packages that machine learning is done with, as the index spells them after normalisation (PEP 503): worth
/// being mistaken for.
const POPULAR: &str = "accelerate aiohttp albumentations altair anthropic anyio audiocraft auto-gptq autoawq \
    beautifulsoup4 bert-score bitsandbytes bokeh boto3 catboost certifi charset-normalizer chromadb click cloudpickle \
    cohere colorama compressed-tensors controlnet-aux coqui-tts cryptography ctranslate2 cython dask datasets decord \
    deepspeed detectron2 diffusers django docker duckdb easyocr einops encodec espnet evaluate facenet-pytorch \
    fairscale faiss-cpu faiss-gpu fairseq fastai fastapi faster-whisper fasttext filelock flash-attn flask fsspec \
    ftfy funasr gensim gguf google-generativeai gradio gradio-client grpcio gymnasium h5py hf-transfer hf-xet httpx \
    huggingface-hub hydra-core imageio imageio-ffmpeg insightface invisible-watermark ipykernel ipython jinja2 jiwer \
    joblib jsonschema jupyter keras keras-hub keras-nlp kornia langchain langchain-community langchain-core \
    langchain-openai librosa lightgbm lightning lightning-fabric litellm llama-cpp-python llama-index loguru lxml \
    markdown matplotlib mediapipe mlflow moviepy msgpack multiprocess natsort networkx ninja nltk nvidia-ml-py \
    numba numpy omegaconf onnx onnxruntime onnxruntime-gpu onnxsim openai openai-whisper open-clip-torch \
    opencv-contrib-python opencv-python opencv-python-headless optimum optuna orjson packaging paddleocr paddlepaddle \
    pandas parler-tts peft phonemizer pillow pip plotly polars prodigy protobuf psutil pyannote-audio pyarrow \
    pycocotools pydantic pydub pymupdf pynvml pypdf pytest python-dateutil python-dotenv python-multipart \
    pytorch-lightning pyyaml pyzmq qdrant-client qwen-vl-utils rapidfuzz regex rembg requests rouge-score sacrebleu \
    sacremoses safetensors scikit-image scikit-learn scipy seaborn selenium sentence-transformers sentencepiece \
    seqeval setfit setuptools sglang shapely smolagents soundfile spacy spaces sqlalchemy streamlit \
    supervision sympy tabulate tenacity tensorboard tensorflow tensorflow-cpu tensorflow-hub tensorflow-probability \
    termcolor textblob tf-keras tiktoken timm tokenizers tomli torch torch-geometric torchaudio torchdiffeq
    torchmetrics \
    torchsde torchtext torchvision tqdm transformers triton typer typing-extensions ultralytics umap-learn unsloth \
    urllib3 uvicorn vllm wandb websockets werkzeug xformers xgboost zstandard";

/// Honest packages whose names are close to one of those.
const NEIGHBOURS: &str = "accelerator anthropics attr attrs autogptq backoff beautifulsoup boto botocore bpython
    clicks cohere-aws \
    crick ctransformers cupy dataset datazets deepspeech detectron diffuser djongo docker-py dydantic easydict \
    einop espnet2 evaluator fairseq2 fasta fastapi-cli fastar flash-attn-3 flax gdown gguf-py grequests \
    grpcio-tools gsutil gym haystack httpcore httpr httpx2 hyper hyperopt imageio3 ipytest ipywidgets jax jaxlib \
    jinja jiter jython keras-cv kerastuner ktransformers langchain-text-splitters locker markdown2 mlx mlxtend \
    mocker network networks ngboost nltk-data numexpr numpyro onnxmltools onnxscript onnxslim openapi opencv \
    optimus panda pathos pillow-heif pillow-simd plotnine polar psycopg psycopg2 pyaml pyclipper pycuda pymantic \
    pymupdfb pypd pypdf2 pypdf3 pypdfium2 pypi python pytorch rasterio ray record regexes retworkx rich rocker \
    rouge scapy scipp scrapy sentry-sdk simpy sklearn skorch spacy-legacy spython streamlit-chat tensorboardx \
    tensorflow-gpu tensorflow-tpu tensorrt textdistance tf2onnx timm3d tokenizer-tools tombi toml tomlkit \
    torch-metrics torchbench torchcde torcheval torchinfo torchio torchlibrosa torchode torchrl torchserve \
    torchsparse torchtune torchtyping torchx trl typed typing unicorn urequests uvloop vastai vyper wand \
    websocket websocket-client willow xformer xlrd xoto3 xxhash zstd";

/// What a name looks like.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// It is well known, or like nothing that is.
    None,
    /// It is a slip away from this package.
    Like(&'static str),
}

/// A popular name, and its letters.
type Letters = (&'static str, Vec<char>);

/// The two lists, in the forms in which names are looked up in them.
struct Known {
    names: HashSet<&'static str>,
    /// The popular names by their shapes.
    shapes: HashMap<String, &'static str>,
    /// The longer popular names without their dashes.
    joined: HashMap<String, &'static str>,
    /// The popular names by their first and by their last letters: a slip leaves one of the two.
    ends: HashMap<(bool, char), Vec<Letters>>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known {
        names: POPULAR.split_whitespace().chain(NEIGHBOURS.split_whitespace()).collect(),
        shapes: HashMap::new(),
        joined: HashMap::new(),
        ends: HashMap::new(),
    };
    for name in POPULAR.split_whitespace() {
        known.shapes.entry(shape(name)).or_insert(name);
        if name.len() >= 6 {
            known.joined.entry(name.replace('-', "")).or_insert(name);
        }
        let letters: Vec<char> = name.chars().collect();
        for (is_first, letter) in [(true, letters.first()), (false, letters.last())] {
            if let Some(letter) = letter {
                known.ends.entry((is_first, *letter)).or_default().push((name, letters.clone()));
            }
        }
    }
    known
});

/// What `name` looks like.
pub(super) fn likeness(name: &str) -> Likeness {
    let normal = normalise(name);
    let known = &*KNOWN;
    if normal.len() > 64 || known.names.contains(normal.as_str()) {
        return Likeness::None;
    }
    let same = known.shapes.get(&shape(&normal)).or_else(|| known.joined.get(&normal.replace('-', "")));
    let letters: Vec<char> = normal.chars().collect();
    let ends = [(true, letters.first()), (false, letters.last())];
    let mut near = ends.into_iter().filter_map(|(is_first, letter)| known.ends.get(&(is_first, *letter?))).flatten();
    let like = same.copied().or_else(|| near.find(|(_, popular)| is_slip(&letters, popular)).map(|(name, _)| *name));
    like.map_or(Likeness::None, Likeness::Like)
}

/// A name as the index compares it (PEP 503).
fn normalise(name: &str) -> String {
    let mut normal = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        let c = if matches!(c, '_' | '.') { '-' } else { c };
        if !(c == '-' && normal.ends_with('-')) {
            normal.push(c);
        }
    }
    normal
}

/// What a name looks like to a hasty reader: letters of other scripts and digits for the letters they resemble.
fn shape(name: &str) -> String {
    let latin = name.nfkc().map(|c| match c {
        '0' | 'о' | 'ο' | 'օ' => 'o',
        '1' | 'і' | 'ι' | 'ı' | 'ӏ' | 'i' => 'l',
        'а' | 'α' => 'a',
        'е' | 'ε' | 'ё' => 'e',
        'р' | 'ρ' => 'p',
        'с' | 'ϲ' => 'c',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ѕ' => 's',
        'ј' => 'j',
        'һ' => 'h',
        'к' | 'κ' => 'k',
        'т' | 'τ' => 't',
        'м' => 'm',
        'п' | 'ո' => 'n',
        'ν' => 'v',
        'ԁ' => 'd',
        'ԛ' => 'q',
        'ԝ' => 'w',
        other => other,
    });
    latin.collect::<String>().replace("rn", "m").replace("vv", "w")
}

/// Whether one name becomes the other by one slip of the fingers. Short names are too close to each other for
/// every slip to mean something.
fn is_slip(name: &[char], popular: &[char]) -> bool {
    let (a, b) = (name, popular);
    if b.len() < 4 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let a = a.get(head..).unwrap_or_default();
    let b = b.get(head..).unwrap_or_default();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let a = a.get(..a.len().saturating_sub(tail)).unwrap_or_default();
    let b = b.get(..b.len().saturating_sub(tail)).unwrap_or_default();
    match (a, b) {
        ([first, second], [third, fourth]) => first == fourth && second == third,
        // A digit more is a version of the package (`markdown2`), or another package of the same people.
        ([added], []) => popular.len() > 4 && !added.is_ascii_digit() || doubles(name, head),
        ([_], [_]) | ([], [_]) => popular.len() > 4,
        _ => false,
    }
}

/// Whether the letter at `at` repeats the one before it.
fn doubles(name: &[char], at: usize) -> bool {
    let letter = |at: usize| name.get(at);
    at.checked_sub(1).is_some_and(|before| letter(before) == letter(at))
}
