//! Libraries that model code ordinarily imports. What they do is known, and what of it acts on the machine is in
//! the table of capabilities; everything else is foreign.

/// Modules of the standard library that model code imports, by their first name.
const STANDARD: &str = "__future__ abc argparse array ast asyncio atexit base64 binascii bisect builtins bz2 calendar \
    cmath codecs collections colorsys concurrent configparser contextlib contextvars copy copyreg csv ctypes
    dataclasses \
    datetime decimal difflib dis email enum errno faulthandler filecmp fnmatch fractions ftplib functools gc getopt
    getpass gettext glob \
    graphlib gzip hashlib heapq hmac html http importlib inspect io ipaddress itertools json keyword linecache locale \
    logging lzma marshal math mimetypes mmap multiprocessing numbers operator optparse os pathlib pickle pickletools \
    platform posixpath pprint profile cProfile pstats queue random re reprlib sched secrets select shelve shlex shutil
    signal smtplib socket \
    sqlite3 ssl stat statistics string struct subprocess sys sysconfig tarfile tempfile textwrap threading time timeit \
    token tokenize tomllib traceback tracemalloc types typing unicodedata unittest urllib uuid warnings wave weakref
    xml \
    zipfile zlib zoneinfo posix nt ntpath telnetlib pty runpy code imp pkgutil cPickle doctest pdb site webbrowser";

/// Libraries of machine learning and those that they bring along, by their first name.
const KNOWN: &str = "rjieba mambapy Mykytea pretty_midi essentia nagisa soynlp uroman xlstm torch torchvision
    torchaudio torchtext torch_npu torch_xla torchmetrics torchdiffeq torchao transformers \
    tokenizers sentencepiece tiktoken safetensors huggingface_hub hf_xet accelerate diffusers datasets evaluate peft
    trl \
    optimum bitsandbytes auto_gptq gptqmodel awq hqq eetq quanto numpy scipy pandas sklearn skimage PIL cv2 imageio
    matplotlib seaborn \
    einops einops_exts timm open_clip clip flash_attn flash_attn_interface flash_attn_2_cuda xformers apex deepspeed
    megatron \
    megablocks grouped_gemm mamba_ssm causal_conv1d selective_scan_cuda fla triton vllm sglang sageattention natten \
    rotary_emb dropout_layer_norm xentropy_cuda_lib fused_dense_lib kernels liger_kernel ninja tensorflow
    tensorflow_hub \
    tensorflow_text tensorflow_probability tf_keras keras jax jaxlib flax optax chex orbax haiku onnx onnxruntime
    openvino coremltools \
    pytorch_lightning lightning lightning_utilities sentence_transformers FlagEmbedding setfit spacy nltk gensim
    stanza \
    jieba fugashi ipadic unidic unidic_lite rhoknp sudachipy sudachitra pythainlp pyvi underthesea sacremoses
    sacrebleu \
    ftfy regex langdetect langid unidecode opencc emoji inflect phonemizer g2p_en num2words pypinyin cn2an librosa
    soundfile audioread \
    resampy pyloudnorm parselmouth kaldi_native_fbank torchcrepe encodec snac vocos whisper pyctcdecode kenlm jiwer \
    decord av moviepy ffmpeg qwen_vl_utils qwen_omni_utils mistral_common blobfile tqdm rich requests httpx aiohttp
    urllib3 \
    packaging typing_extensions filelock yaml toml tomli psutil pydantic attr attrs marshmallow msgpack protobuf
    google \
    absl six joblib dill cloudpickle networkx sympy numba cython shapely rdkit openbabel Bio esm biopython ase
    torch_geometric \
    torch_scatter torch_sparse torch_cluster pyg_lib dgl e3nn openfold pytorch3d trimesh open3d nerfacc kornia
    albumentations ot \
    pycocotools detectron2 mmcv mmengine mmdet mmseg ultralytics supervision segment_anything sam2 groundingdino
    ml_collections \
    omegaconf hydra fire wandb tensorboard tensorboardX mlflow gradio fastapi flask uvicorn starlette setuptools
    pytest \
    distutils pkg_resources easydict addict yacs termcolor tabulate prettytable colorama loguru hjson jsonlines orjson
    ujson simplejson \
    lxml bs4 pytesseract easyocr paddleocr paddle pdf2image fitz pypdf docx openpyxl sortedcontainers more_itertools
    dateutil pytz \
    icecream boto3 botocore s3fs fsspec faiss annoy hnswlib usearch pyarrow polars duckdb h5py zarr tables opt_einsum
    hyena \
    rwkv bigcode_eval lm_eval mteb ranx beir colbert pylate fasttext compressed_tensors llmcompressor
    cut_cross_entropy causal_attention block_sparse_attn \
    minference nemo nemo_toolkit monai nibabel pydicom SimpleITK torchio wurlitzer tensordict torchrl gymnasium gym \
    stable_baselines3 robosuite lerobot ray dask cupy pynvml GPUtil thop fvcore iopath ptflops torchinfo torchsummary \
    levenshtein Levenshtein editdistance rapidfuzz zstandard lz4 brotli cachetools retrying tenacity backoff";

fn has(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|entry| entry == name)
}

/// Whether the first part of `module` is a library that model code ordinarily imports.
pub(crate) fn is_known(module: &str) -> bool {
    let first = module.split('.').next().unwrap_or_default();
    has(STANDARD, first) || has(KNOWN, first) || first == "_typeshed"
}
