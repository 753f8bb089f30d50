//! What Keras calls its own. Collected from the public interfaces of Keras 2.15 (`tf_keras`) and Keras 3.12
//! (`keras/api`), and from `keras/src/ops` for the operations that a functional model may consist of.

/// Whether `name` is among the words of `table`.
fn among(table: &str, name: &str) -> bool {
    !name.is_empty() && table.split_ascii_whitespace().any(|word| word == name)
}

/// Whether Keras has a layer, model, optimizer, loss, metric, initializer or the like of that name.
pub(super) fn is_class(name: &str) -> bool {
    [MODELS, LAYERS, OLD_LAYERS, IMAGE_LAYERS, LOSSES, METRICS, OPTIMIZERS, SMALL].iter().any(|list| among(list, name))
}

/// Whether Keras 3 has an operation of that name (`keras.src.ops.*`).
pub(super) fn is_operation(name: &str) -> bool {
    among(OPERATIONS, name)
}

/// Whether Keras has an activation, loss, metric, initializer, regularizer or constraint that is given by that
/// string.
pub(super) fn is_function(name: &str) -> bool {
    [ACTIVATIONS, LOSS_FUNCTIONS, SMALL_FUNCTIONS].iter().any(|list| among(list, name)) || is_class(name)
}

/// Whether a text layer knows that way of standardising or splitting.
pub(super) fn is_text_step(name: &str) -> bool {
    among("lower_and_strip_punctuation strip_punctuation lower whitespace character None", name)
}

/// Whether TensorFlow has an operation of that name that does nothing but compute. Such names are in
/// `TFOpLambda` and `SlicingOpLambda` layers of Keras 2.
pub(super) fn is_tensor_function(name: &str) -> bool {
    let name = name.strip_prefix("compat.v1.").unwrap_or(name);
    match name.split_once('.') {
        None => among(TF_PLAIN, name),
        Some(("math", name)) => among(TF_PLAIN, name) || among(TF_MATH, name),
        Some(("nn", name)) => among(TF_NN, name) || among(TF_MATH, name),
        Some(("linalg", name)) => among(TF_LINALG, name),
        Some(("image", name)) => among(TF_IMAGE, name),
        Some(("signal", name)) => among(TF_SIGNAL, name),
        Some(("random", name)) => among("normal uniform shuffle truncated_normal categorical", name),
        Some(("strings", name)) => among("lower upper strip length split join regex_replace to_number", name),
        Some(("keras", name)) => {
            name.split_once('.').is_some_and(|(topic, name)| topic == "backend" && among(TF_BACKEND, name))
        }
        Some(("__operators__", name)) => among("getitem ragged_getitem add sub mul div floordiv pow eq ne", name),
        Some(_) => false,
    }
}

/// Whether a TensorFlow operation reaches beyond computing: files, other models, Python, native libraries.
pub(super) fn is_tensor_gadget(name: &str) -> bool {
    name.split('.').any(|part| among("gfile saved_model", part))
        || name.rsplit('.').next().is_some_and(|last| among(TF_GADGETS, last) || among(GRAPH_GADGETS, last))
}

/// Whether one of the operations that a graph may use to reach beyond computing is named in `text`.
pub(super) fn names_graph_gadget(text: &str) -> Option<&'static str> {
    let words = || text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    GRAPH_GADGETS.split_ascii_whitespace().find(|gadget| words().any(|word| word == *gadget))
}

const MODELS: &str = "Functional Sequential Model Network Graph Tokenizer KerasTensor";

const LAYERS: &str = "
    Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention Average AveragePooling1D
    AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D BatchNormalization Bidirectional CategoryEncoding
    Concatenate Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D
    Convolution1D Convolution1DTranspose Convolution2D Convolution2DTranspose Convolution3D Convolution3DTranspose
    Cropping1D Cropping2D Cropping3D Dense DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense
    Embedding Flatten GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
    GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D
    GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention
    GroupedQueryAttention HashedCrossing Hashing Identity Input InputLayer InputSpec IntegerLookup LSTM LSTMCell Layer
    LayerNormalization LeakyReLU Masking MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum
    MelSpectrogram Minimum MultiHeadAttention Multiply Normalization PReLU Permute Pipeline RMSNormalization RNN ReLU
    RepeatVector Rescaling Reshape Resizing ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D
    SeparableConvolution1D SeparableConvolution2D SimpleRNN SimpleRNNCell Softmax SpatialDropout1D SpatialDropout2D
    SpatialDropout3D SpectralNormalization StackedRNNCells StringLookup Subtract TextVectorization TimeDistributed
    UnitNormalization UpSampling1D UpSampling2D UpSampling3D Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D";

/// Of Keras 1 and 2 only.
const OLD_LAYERS: &str = "
    AbstractRNNCell AtrousConvolution1D AtrousConvolution2D BatchNormalizationV1 BatchNormalizationV2 CuDNNGRU
    CuDNNLSTM Deconvolution2D DenseFeatures GRUV1 Highway LSTMV1 LocallyConnected1D LocallyConnected2D MaxoutDense
    Merge PreprocessingLayer RandomFourierFeatures SyncBatchNormalization ThresholdedReLU TimeDistributedDense
    GRUCellV1 LSTMCellV1 CuDNNLSTMV1 CuDNNGRUV1";

const IMAGE_LAYERS: &str = "
    AugMix AutoContrast CenterCrop CutMix Equalization MaxNumBoundingBoxes MixUp RandAugment RandomBrightness
    RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip
    RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization
    RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomWidth RandomZoom Solarization";

const LOSSES: &str = "
    BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy
    CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber KLDivergence LogCosh
    Loss LossFunctionWrapper MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError
    MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky";

const METRICS: &str = "
    AUC Accuracy BinaryAccuracy BinaryIoU CategoricalAccuracy ConcordanceCorrelation F1Score FBetaScore FalseNegatives
    FalsePositives IoU LogCoshError Mean MeanIoU MeanMetricWrapper MeanRelativeError MeanTensor Metric OneHotIoU
    OneHotMeanIoU PearsonCorrelation Precision PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError
    SensitivityAtSpecificity SparseCategoricalAccuracy SparseTopKCategoricalAccuracy SpecificityAtSensitivity Sum
    TopKCategoricalAccuracy TrueNegatives TruePositives CompileMetrics SumOverBatchSize SumOverBatchSizeMetricWrapper";

const OPTIMIZERS: &str = "
    Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer LossScaleOptimizerV3 Muon Nadam
    Optimizer RMSprop SGD TFOptimizer CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay
    LearningRateSchedule PiecewiseConstantDecay PolynomialDecay DynamicLossScale FixedLossScale";

/// Initializers, regularizers, constraints, policies, quantizers, random state.
const SMALL: &str = "
    Constant GlorotNormal GlorotUniform HeNormal HeUniform IdentityInitializer Initializer LecunNormal LecunUniform Ones
    Orthogonal OrthogonalInitializer RandomNormal RandomUniform STFT STFTInitializer TruncatedNormal VarianceScaling
    Zeros L1 L1L2 L2 OrthogonalRegularizer Regularizer Constraint MaxNorm MinMaxNorm NonNeg RadialConstraint UnitNorm
    DTypePolicy DTypePolicyMap FloatDTypePolicy GPTQDTypePolicy QuantizedDTypePolicy QuantizedFloat8DTypePolicy Policy
    PolicyV1 AbsMaxQuantizer Quantizer SeedGenerator";

const ACTIVATIONS: &str = "
    celu elu exponential gelu gelu_new glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
    log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold";

const LOSS_FUNCTIONS: &str = "
    acc accuracy ce bce BCE mse MSE mae MAE mape MAPE msle MSLE kld KLD cosine cosine_proximity cosine_similarity
    logcosh
    auc crossentropy
    log_cosh binary_accuracy binary_crossentropy binary_focal_crossentropy categorical_accuracy categorical_crossentropy
    categorical_focal_crossentropy categorical_generalized_cross_entropy categorical_hinge circle
    concordance_correlation
    ctc dice hinge huber huber_loss kl_divergence kullback_leibler_divergence mean_absolute_error
    mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error pearson_correlation poisson
    sparse_categorical_accuracy sparse_categorical_crossentropy sparse_top_k_categorical_accuracy squared_hinge
    top_k_categorical_accuracy tversky loss";

/// Initializers, regularizers, constraints and optimizers as strings.
const SMALL_FUNCTIONS: &str = "
    constant glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal lecun_uniform normal one ones
    orthogonal random_normal random_uniform stft truncated_normal uniform variance_scaling zero zeros l1 l1_l2 l1l2 l2
    orthogonal_regularizer max_norm maxnorm min_max_norm non_neg nonneg unit_norm unitnorm radial_constraint adadelta
    adafactor adagrad adam adamax adamw ftrl lamb lion muon nadam rmsprop sgd lossscaleoptimizer abs_max_quantizer";

const OPERATIONS: &str = "
    Absolute Add AffineTransform All Amax Amin Angle Any Append Arange Arccos Arccosh Arcsin Arcsinh Arctan Arctan2
    Arctanh Argmax Argmin Argpartition Argsort Array Average AveragePool Bartlett BatchNorm BinaryCrossentropy Bincount
    BitwiseAnd BitwiseInvert BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor Blackman BroadcastTo
    CTCDecode CTCLoss Cast CategoricalCrossentropy Cbrt Ceil Celu Cholesky CholeskyInverse Clip Concatenate Conj
    Conjugate Conv ConvTranspose ConvertToTensor Copy Corrcoef Correlate Cos Cosh CountNonzero CropImages Cross Cumprod
    Cumsum Deg2rad DepthwiseConv Det Diag Diagflat Diagonal Diff Digitize Divide DivideNoNan Dot DotProductAttention Eig
    Eigh Einsum ElasticTransform Elu Equal Erf Erfinv Exp Exp2 ExpandDims Expm1 ExtractPatches ExtractPatches3D
    ExtractSequences Eye FFT FFT2 Flip Floor FloorDivide Full FullLike GaussianBlur Gcd Gelu GetItem Glu Greater
    GreaterEqual HSVToRGB Hamming Hanning HardShrink HardSigmoid HardSilu HardTanh Heaviside Histogram Hstack Hypot
    IFFT2 IRFFT ISTFT Identity Imag InTopK Inner Inv IsIn Isclose Isfinite Isinf Isnan Isneginf Isposinf Isreal Kaiser
    Kron LayerNorm Lcm LeakyRelu LeftShift Less LessEqual Linspace Log Log10 Log1p Log2 LogSigmoid LogSoftmax Logaddexp
    Logaddexp2 Logdet LogicalAnd LogicalNot LogicalOr LogicalXor Logspace Logsumexp Lstsq LuFactor MapCoordinates Matmul
    Max MaxPool Maximum Mean Median Meshgrid Min Minimum Mod Moments Moveaxis MultiHot Multiply NanToNum Ndim Negative
    Nonzero Norm Normalize NotEqual OneHot OnesLike Outer PSNR Pad PadImages PerspectiveTransform Polar Power Prod Qr
    Quantile RFFT RGBToGrayscale RGBToHSV RMSNorm Ravel Real Rearrange Reciprocal Relu Relu6 Repeat Reshape Resize
    RightShift Roll Rot90 Round Rsqrt STFT SVD SaturateCast ScaleAndTranslate Scatter ScatterUpdate SearchSorted
    SegmentMax SegmentReduction SegmentSum Select Selu SeparableConv Sigmoid Sign Signbit Silu Sin Sinh Size Slice
    SliceUpdate Slogdet SoftShrink Softmax Softplus Softsign Solve SolveTriangular Sort SparseCategoricalCrossentropy
    SparsePlus SparseSigmoid Sparsemax Split Sqrt Square Squareplus Squeeze Stack Std StopGradient Subtract Sum Swapaxes
    Take TakeAlongAxis Tan Tanh TanhShrink Tensordot Threshold Tile TopK Trace Transpose Trapezoid Tril Triu TrueDivide
    Trunc Unfold UnravelIndex Unstack Var Vdot View ViewAsComplex ViewAsReal Vstack Where ZerosLike";

const TF_PLAIN: &str = "
    abs acos acosh add add_n argmax argmin argsort asin asinh atan atan2 atanh boolean_mask broadcast_to
    broadcast_dynamic_shape broadcast_static_shape cast ceil clip_by_norm clip_by_value complex concat constant
    convert_to_tensor cos cosh cumsum divide dynamic_partition dynamic_stitch einsum ensure_shape equal exp expand_dims
    eye fill floor floordiv floormod gather gather_nd greater greater_equal identity less less_equal linspace log
    logical_and logical_not logical_or matmul maximum meshgrid minimum mod multiply negative norm not_equal one_hot ones
    ones_like pad pow range rank realdiv reduce_all reduce_any reduce_logsumexp reduce_max reduce_mean reduce_min
    reduce_prod reduce_sum repeat reshape reverse reverse_sequence roll round rsqrt scalar_mul scatter_nd searchsorted
    sequence_mask shape shape_n sigmoid sign sin sinh size slice sort space_to_batch space_to_batch_nd batch_to_space
    split sqrt square squeeze stack stop_gradient strided_slice subtract tan tanh tensor_scatter_nd_add
    tensor_scatter_nd_update tensordot tile to_float to_int32 transpose truediv truncatediv unique unstack where zeros
    zeros_like";

const TF_MATH: &str = "
    accumulate_n bincount confusion_matrix conj count_nonzero cumprod cumulative_logsumexp digamma divide_no_nan erf
    erfc
    erfinv expm1 igamma imag in_top_k invert_permutation is_finite is_inf is_nan l2_normalize lbeta lgamma log1p
    log_sigmoid log_softmax logical_xor multiply_no_nan ndtri polyval real reciprocal reciprocal_no_nan reduce_std
    reduce_variance reduce_euclidean_norm rint segment_max segment_mean segment_min segment_prod segment_sum softmax
    softplus softsign squared_difference top_k unsorted_segment_max unsorted_segment_mean unsorted_segment_sum xlogy
    xdivy zero_fraction";

const TF_NN: &str = "
    avg_pool avg_pool1d avg_pool2d avg_pool3d batch_normalization bias_add conv1d conv2d conv3d conv1d_transpose
    conv2d_transpose conv3d_transpose conv_transpose convolution crelu depth_to_space depthwise_conv2d dropout elu
    embedding_lookup gelu l2_loss leaky_relu local_response_normalization lrn max_pool max_pool1d max_pool2d max_pool3d
    max_pool_with_argmax moments normalize_moments pool relu relu6 selu separable_conv2d sigmoid
    sigmoid_cross_entropy_with_logits silu softmax_cross_entropy_with_logits space_to_depth
    sparse_softmax_cross_entropy_with_logits swish tanh weighted_moments";

const TF_LINALG: &str = "
    adjoint band_part cholesky cross det diag diag_part eig eigh einsum expm eye inv l2_normalize logdet lstsq lu matmul
    matrix_transpose matvec norm normalize pinv qr set_diag slogdet solve svd tensor_diag tensor_diag_part tensordot
    trace
    triangular_solve";

const TF_IMAGE: &str = "
    adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_saturation central_crop convert_image_dtype
    crop_and_resize crop_to_bounding_box extract_patches flip_left_right flip_up_down grayscale_to_rgb hsv_to_rgb
    image_gradients pad_to_bounding_box per_image_standardization psnr random_brightness random_contrast random_crop
    random_flip_left_right random_flip_up_down random_hue random_saturation resize resize_bilinear resize_bicubic
    resize_nearest_neighbor resize_images resize_with_crop_or_pad resize_with_pad rgb_to_grayscale rgb_to_hsv rgb_to_yiq
    rgb_to_yuv rot90 sobel_edges ssim ssim_multiscale total_variation transpose yiq_to_rgb yuv_to_rgb";

const TF_SIGNAL: &str = "
    dct fft fft2d fft3d fftshift frame hamming_window hann_window idct ifft ifft2d ifft3d ifftshift inverse_stft irfft
    irfft2d linear_to_mel_weight_matrix mfccs_from_log_mel_spectrograms overlap_and_add rfft rfft2d stft";

const TF_BACKEND: &str = "
    abs argmax batch_dot cast clip concatenate dot exp expand_dims l2_normalize log max mean min permute_dimensions pow
    relu repeat repeat_elements reshape sigmoid softmax sqrt square squeeze stack sum switch tanh tile transpose";

const TF_GADGETS: &str = "
    py_function numpy_function py_func eager_py_func load_library load_op_library load_file_system_library read_file
    write_file matching_files print_v2 load load_model load_weights save get_file enable_unsafe_deserialization
    model_from_json model_from_yaml model_from_config deserialize deserialize_keras_object get_custom_objects eval exec
    system import_graph_def import_meta_graph import_module";

const GRAPH_GADGETS: &str = "
    ReadFile WriteFile MatchingFiles PyFunc PyFuncStateless EagerPyFunc LoadLibrary WholeFileReader WholeFileReaderV2
    TextLineReader TFRecordReader FixedLengthRecordReader SaveV2 RestoreV2 Save Restore PrintV2";
